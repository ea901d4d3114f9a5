/** The login. */
export const login = {
  tab: 'Log in · Crossdock',
  title: 'Crossdock control tower',
  name: 'Name',
  password: 'Password',
  submit: 'Log in',
  busy: 'Logging in …',
  help: 'Your login is made by the people who run this hub. Ask them if you have none or forgot the password.',
  expired: 'Your login has ended. Log in again: you come back to the same page.',
  left: 'You are logged out.',
  wrong: 'Name or password is wrong. Mind capital letters.',
  throttled: {
    one: 'Too many failed tries. Wait one minute, then try again.',
    other: 'Too many failed tries. Wait {count} minutes, then try again.',
  },
  failed: 'The hub could not check your login. Try again; if it stays so, tell the people who run the hub.',
  unreachable: 'The hub does not answer. Check your network, then try again.',
};
