/** Errors as Odoo answers them: an HTTP status and the name of the Python exception. */

export class OdooFault extends Error {
  readonly status: number;
  readonly exception: string;

  constructor(status: number, exception: string, message: string) {
    super(message);
    this.status = status;
    this.exception = exception;
  }
}

/** The error for what a real Odoo may do and the sandbox does not. The sandbox never guesses. */
export function notInSandbox(what: string): OdooFault {
  return new OdooFault(501, 'crossdock.sandbox.NotInSandbox', `The sandbox Odoo does not know ${what}`);
}

export function notFound(message: string): OdooFault {
  return new OdooFault(404, 'werkzeug.exceptions.NotFound', message);
}

export function unprocessable(message: string): OdooFault {
  return new OdooFault(422, 'werkzeug.exceptions.UnprocessableEntity', message);
}

export function userError(message: string): OdooFault {
  return new OdooFault(422, 'odoo.exceptions.UserError', message);
}
