# The stack as Debian packages in a chroot: trixie for Python 3.13, with Odoo alone from sid. Odoo 14 is all of bullseye.
#
# Each service runs in mount and PID namespaces of its own. So no mount is ever visible outside,
# nothing is left of a service whose first process is killed, and a restarted machine needs no repair.

ROOT=$DIR/root
SUITE=trixie POSTGRES=17 GEVENT=gevent_port TZDATA=tzdata,tzdata-legacy ODOO_COPY=odoo_2
if ((VERSION == 14)); then SUITE=bullseye POSTGRES=13 GEVENT=longpolling_port TZDATA=tzdata ODOO_COPY=''; fi
# That of this machine's own apt.
MIRROR=${CROSSDOCK_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)}
DATA=/srv/crossdock   # inside the root

INSIDE=(
  unshare --mount --pid --fork --kill-child sh -c
  'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"' "$ROOT"
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PYTZ_TZDATADIR=/usr/share/zoneinfo
)
inside() { "${INSIDE[@]}" "$@" 9>&-; }
as() { inside setpriv --reuid="$1" --regid="$1" --init-groups "${@:2}"; }
run_as() { as "$1" env HOME=/tmp PATH=/usr/lib/postgresql/$POSTGRES/bin:/usr/bin:/bin "${@:2}"; }
rabbitmqctl() {
  as rabbitmq env HOME="$DATA/rabbitmq" RABBITMQ_NODENAME=crossdock@localhost ERL_EPMD_PORT="${PORT[epmd]}" \
    /usr/lib/rabbitmq/bin/rabbitmqctl "$@"
}
inner_port() { echo "${PORT[$1]}"; }

prepare() {
  : >>"$LOG"
  if [[ ! -e $ROOT/.packages ]]; then
    local tool
    for tool in debootstrap curl; do
      command -v $tool >/dev/null || step "installing $tool" host_install $tool
    done
    if [[ ! -e $ROOT/.base ]]; then
      ODOO[installed]=
      rm -rf --one-file-system "$ROOT"
      step 'installing a Debian base system' \
        unshare --mount --pid --fork --kill-child \
        debootstrap --variant=minbase --include=ca-certificates,$TZDATA $SUITE "$ROOT" "$MIRROR"
      touch "$ROOT/.base"
    fi
    step "installing ${SERVICES[*]} (about 2 minutes)" install_packages
  fi
  if [[ ! -e $ROOT$DATA/.ready ]]; then
    ODOO[installed]=
    step 'creating the data directories' create_data
  fi
  # the host's may have changed since
  cp -L /etc/resolv.conf /etc/hosts "$ROOT/etc/"
}

host_install() {
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1"
}

install_packages() {
  local etc=$ROOT/etc
  printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"   # no service starts by itself
  chmod 755 "$ROOT/usr/sbin/policy-rc.d"
  cp -L /etc/resolv.conf /etc/hosts "$etc/"
  (apt-config dump | grep -iE '^Acquire::(https?::|Check-)' || true) >"$etc/apt/apt.conf.d/90host"
  printf 'force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n' >"$etc/dpkg/dpkg.cfg.d/crossdock"
  printf "deb $MIRROR %s main\n" $SUITE $(if ((VERSION == 19)); then echo sid; fi) >"$etc/apt/sources.list"
  printf 'Package: *\nPin: release n=sid\nPin-Priority: 100\n' >"$etc/apt/preferences.d/crossdock"
  inside dpkg --configure -a
  inside apt-get update
  inside apt-get install -y --no-install-recommends $(for service in "${SERVICES[@]}"; do package_of "$service"; done)
  inside apt-get clean
  touch "$ROOT/.packages"
}

package_of() {
  case $1 in postgres) echo postgresql-$POSTGRES ;; odoo) echo odoo-$VERSION ;; *) echo "$1-server" ;; esac
}

create_data() {
  rm -rf --one-file-system "$ROOT$DATA"
  local user
  for user in "${SERVICES[@]}"; do
    inside install -d -o $user -g $user -m 700 "$DATA/$user"
  done
  inside install -d -o postgres -g postgres /var/run/postgresql
  as postgres /usr/lib/postgresql/$POSTGRES/bin/initdb -D "$DATA/postgres/$POSTGRES" -E UTF8 --locale=C.UTF-8 \
    --auth-local=peer --auth-host=scram-sha-256
  touch "$ROOT$DATA/.ready"
}

# Writes a service's configuration from stdin, readable by its own user only.
configure() {
  install -m 600 /dev/stdin "$ROOT$DATA/$1/$2"
  inside chown "$1:$1" "$DATA/$1/$2"
}

start() {
  local service=$1 home=$DATA/$1
  case $service in
    postgres)
      launch postgres /usr/lib/postgresql/$POSTGRES/bin/postgres -D "$home/$POSTGRES" -p "${PORT[postgres]}" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories=/var/run/postgresql
      ;;
    redis)
      configure redis redis.conf <<END
bind 127.0.0.1
port ${PORT[redis]}
requirepass ${SECRET[redis]}
dir $home
appendonly yes
END
      launch redis redis-server "$home/redis.conf"
      ;;
    rabbitmq)
      configure rabbitmq rabbitmq.conf <<END
listeners.tcp.1 = 127.0.0.1:${PORT[rabbitmq]}
default_user = crossdock
default_pass = ${SECRET[rabbitmq]}
END
      : >"$ROOT$home/enabled_plugins"
      # busy waiting of the Erlang schedulers would take the processor from the tests
      launch rabbitmq env HOME="$home" RABBITMQ_NODENAME=crossdock@localhost \
        RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home" RABBITMQ_LOGS=- \
        RABBITMQ_DIST_PORT="${PORT[rabbitmq_dist]}" ERL_EPMD_PORT="${PORT[epmd]}" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none' \
        /usr/lib/rabbitmq/bin/rabbitmq-server
      ;;
    odoo)
      configure_odoo
      launch odoo odoo -c "$home/odoo.conf" -d "$ODOO_DB"
      ;;
  esac
}

configure_odoo() {
  configure odoo odoo.conf <<END
[options]
db_host = 127.0.0.1
db_port = ${PORT[postgres]}
db_user = odoo
db_password = ${SECRET[odoo_db]}
dbfilter = ^$ODOO_DB(_2)?\$
list_db = False
admin_passwd = ${SECRET[admin]}
data_dir = $DATA/odoo/data
http_interface = 127.0.0.1
http_port = ${PORT[odoo]}
$GEVENT = ${PORT[odoo_gevent]}
workers = 2
max_cron_threads = 1
END
}

copy_database() {
  local files=$DATA/odoo/data/filestore
  run_as postgres psql -v ON_ERROR_STOP=1 -p "${PORT[postgres]}" postgres <<END
DROP DATABASE IF EXISTS "$ODOO_COPY" WITH (FORCE);
CREATE DATABASE "$ODOO_COPY" TEMPLATE "$ODOO_DB" OWNER odoo;
END
  as odoo rm -rf "$files/$ODOO_COPY"
  if [[ -d $ROOT$files/$ODOO_DB ]]; then as odoo cp -a "$files/$ODOO_DB" "$files/$ODOO_COPY"; fi
}

# `odoo ARGUMENT…` beside the server, with its configuration.
odoo_cli() {
  configure_odoo
  local command=()
  if [[ $1 == shell ]]; then
    command=(shell)
    shift
  fi
  as odoo env HOME="$DATA/odoo" odoo "${command[@]}" -c "$DATA/odoo/odoo.conf" --workers=0 "$@"
}

launch() {
  local service=$1 parent first=''
  mkdir -p "$DIR/run" "$DIR/log"
  setsid "${INSIDE[@]}" setpriv --reuid="$service" --regid="$service" --init-groups "${@:2}" \
    >"$DIR/log/$service.log" 2>&1 </dev/null 9>&- &
  parent=$!
  until first=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null) && [[ -n $first ]]; do
    kill -0 $parent 2>/dev/null || return 0
    sleep 0.01
  done
  first=${first% }
  echo "$first $(started_at "$first")" >"$DIR/run/$service.pid"
}

# When a process was started, in ticks since boot; nothing when it is gone or a zombie.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  read -ra stat <<<"${stat##*) }"
  if [[ ${stat[0]} != Z ]]; then echo "${stat[19]}"; fi
}

# The first process of a service's PID namespace, with which all the others end. Nothing when it is
# gone, also when its number now belongs to another process.
first_process() {
  local pid tick
  if read -r pid tick 2>/dev/null <"$DIR/run/$1.pid" && [[ -n $tick && $(started_at "$pid") == "$tick" ]]; then echo "$pid"; fi
}

alive() { [[ -n $(first_process "$1") ]]; }

kill_hard() {
  local pid
  pid=$(first_process "$1")
  if [[ -n $pid ]]; then kill -KILL "$pid" 2>/dev/null || true; fi
  while alive "$1"; do sleep 0.05; done
}

stop() {
  local signal=TERM tries=0
  if [[ $1 == postgres ]]; then signal=INT; fi   # do not wait for clients to leave
  alive "$1" || return 0
  kill -$signal "$(first_process "$1")" 2>/dev/null || true
  while alive "$1" && ((tries++ < 300)); do sleep 0.1; done
  kill_hard "$1"
}

release() { :; }

version() {
  dpkg-query --admindir="$ROOT/var/lib/dpkg" -W -f '${source:Upstream-Version}' "$(package_of "$1")" 2>/dev/null || echo 'not installed'
}

log_hint() { echo "$DIR/log/$1.log"; }
