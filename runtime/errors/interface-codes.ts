/** Codes of the register of interfaces and of its edge policies: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const interfaceCodes = {
  INTERFACE_RETIRED: {
    status: 410,
    retryable: false,
    owner: 'sender',
    meaning: 'The interface is retired by definitions/interfaces.yaml: nothing is taken on it any more.',
    action: 'The sender goes over to the interface that replaces it; its owner says which that is.',
  },
  ADDRESS_FORBIDDEN: {
    status: 403,
    retryable: false,
    owner: 'sender',
    meaning: "The request comes from an address that the interface's edge policy does not allow.",
    action:
      'Add the address of the sender to the interface in definitions/interfaces.yaml if it is the right one. Behind a proxy, set CROSSDOCK_TRUSTED_PROXIES.',
  },
  CERTIFICATE_MISSING: {
    status: 401,
    retryable: false,
    owner: 'sender',
    meaning: 'The interface asks for a client certificate, and no trusted proxy said one that can be read.',
    action:
      'The sender shows its certificate to the proxy; the proxy hands it on in the header of the edge policy, and its address stands in CROSSDOCK_TRUSTED_PROXIES.',
  },
  CERTIFICATE_FORBIDDEN: {
    status: 403,
    retryable: false,
    owner: 'sender',
    meaning: "The client certificate is none of those that the interface's edge policy names.",
    action:
      'Compare its SHA-256 fingerprint with the entry in definitions/interfaces.yaml; a renewed certificate is entered before the old one ends.',
  },
  INTERFACE_UNAPPROVED: {
    status: 409,
    retryable: false,
    owner: 'analyst',
    meaning:
      'The release uses interfaces that are not approved, and the environment asks for approval (`interfaces: approved`).',
    action:
      'Have each approved: `crossdock interfaces approve NAME --by WHO` writes it into definitions/interfaces.yaml. Cut the release again.',
  },
  INTERFACE_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'analyst',
    meaning: 'No interface of this hub has this name.',
    action: 'Run crossdock interfaces list: it shows what there is.',
  },
} satisfies Record<string, ErrorCode>;
