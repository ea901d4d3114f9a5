/** Where sign-on is off: the login page asks, and shows names and passwords only. */
import express from 'express';

export const signOnOff = express.Router().get('/auth/sign-on/state', (_request, response) => {
  response.setHeader('Cache-Control', 'no-store').json({ on: false, away: false });
});
