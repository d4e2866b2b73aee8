// Questions to the API, with the credential of this tab.

const base = "/api/v1/analytics";
const key = "botstats.credential";

/** Why there is no answer: a refusal of the API, or status 0 where nobody answered. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The credential of this tab; it is gone when the tab is closed. */
export const credential = {
  get: () => sessionStorage.getItem(key),
  set: (value) => sessionStorage.setItem(key, value),
  forget: () => sessionStorage.removeItem(key),
};

function credentialFields() {
  const value = credential.get();
  if (value === null) return {};
  return value.startsWith("gb_") ? { "X-API-Key": value } : { Authorization: `Bearer ${value}` };
}

/** The API's address of a path with parameters; those without a value are left out. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  const text = query.toString();
  return base + path + (text ? `?${text}` : "");
}

async function refusal(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Something in front of the API says so, in words that are not the API's.
  }
  const message = body?.message ?? `HTTP ${response.status}`;
  return new Refusal(response.status, body?.error ?? "", message);
}

/**
 * Sends a request.
 *
 * Returns the response where it is a success; throws a Refusal where it is not, and where there is
 * none. What `options.signal` ended is thrown as it is.
 */
export async function send(url, options = {}) {
  let response;
  try {
    const headers = { ...credentialFields(), ...options.headers };
    response = await fetch(url, { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal(0, "unreachable", error.message);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Asks for figures. */
export async function ask(path, parameters, signal) {
  return (await send(address(path, parameters), { signal })).json();
}

/**
 * Whether figures may be read with the credential of this tab.
 *
 * Without one it is true where the daemon asks nobody for one, or where botserver's cookie is good.
 * Throws a Refusal where the credential is not good.
 */
export async function mayRead() {
  // Who may read figures is told more about the daemon than who may not.
  return "store" in await ask("/health");
}
