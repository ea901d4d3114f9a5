# The stack as the official images, by deploy/compose.yaml. Data is kept in named volumes.

inner_port() { echo 5432; }

compose() {
  CROSSDOCK_COMPOSE_NAME=crossdock-stack$BESIDE ODOO_VERSION=$VERSION \
    POSTGRES_PASSWORD=${SECRET[admin]:-} CROSSDOCK_DB_PASSWORD=${SECRET[postgres]:-} POSTGRES_PORT=${PORT[postgres]} \
    REDIS_PASSWORD=${SECRET[redis]:-} REDIS_PORT=${PORT[redis]:-} \
    RABBITMQ_PASSWORD=${SECRET[rabbitmq]:-} RABBITMQ_PORT=${PORT[rabbitmq]:-} \
    ODOO_DB_PASSWORD=${SECRET[odoo_db]:-} ODOO_PORT=${PORT[odoo]} \
    docker compose -f "$HERE/../deploy/compose.yaml" "$@" 9>&-
}

# The service `postgres` has the user postgres, and so on.
rabbitmqctl() { compose exec -T rabbitmq rabbitmqctl "$@"; }
run_as() { compose exec -T -u "$1" "$@"; }

prepare() {
  : >>"$LOG"
  command -v curl >/dev/null || die 'needs curl'
  compose version >/dev/null || die 'needs the docker compose plugin'
  if [[ -z $(compose images -q odoo 2>/dev/null) ]]; then step 'pulling the images' compose pull "${SERVICES[@]}"; fi
  docker volume inspect "crossdock-stack${BESIDE}_postgres" >/dev/null 2>&1 || ODOO[installed]=
}

alive() { [[ -n $(compose ps -q --status running "$1" 2>/dev/null) ]]; }
start() { compose up -d --no-deps "$1" >>"$LOG" 2>&1; }
stop() { compose stop "$1" >>"$LOG" 2>&1; }

# `restart: unless-stopped` does not apply after docker's own kill.
kill_hard() { compose kill "$1" >>"$LOG" 2>&1; }
release() { compose down >>"$LOG" 2>&1; }

# `odoo ARGUMENT…` in a container of its own; the image's entrypoint adds the database address.
odoo_cli() { compose run --rm -T --no-deps odoo odoo "$@"; }

version() {
  case $1 in
    postgres) compose exec -T postgres postgres --version ;;
    redis) compose exec -T redis redis-server --version | cut -d' ' -f1-3 ;;
    rabbitmq) compose exec -T rabbitmq rabbitmqctl version ;;
    odoo) odoo_version ;;
  esac 2>/dev/null || true
}

log_hint() { echo "docker logs $(compose ps -aq "$1")"; }
