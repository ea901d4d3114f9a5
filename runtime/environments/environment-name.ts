/** The name that `CROSSDOCK_ENVIRONMENT` has; `dev` when unset or empty. */
export function environmentName(env: NodeJS.ProcessEnv): string {
  return env['CROSSDOCK_ENVIRONMENT'] || 'dev';
}
