// Reads from this server. A busy server is asked again as it wishes; other problems become errors with its own words.

const TRIES = 4;

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function read(path, query = {}, signal = undefined) {
  const address = path + asked(query);
  for (let tried = 1; ; tried += 1) {
    const answer = await fetch(address, { signal, headers: { accept: "application/json" } }).catch((fault) => {
      if (fault.name === "AbortError") throw fault;
      throw new Problem(0, "The server does not answer. Is it still running?");
    });
    if (answer.ok) return answer.json();
    const busy = answer.status === 503 || answer.status === 429;
    if (!busy || tried === TRIES) throw await problem(answer);
    await rest(Math.min(5, Number(answer.headers.get("retry-after")) || 1), signal);
  }
}

export function asked(query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") words.set(name, value);
  const text = words.toString();
  return text ? `?${text}` : "";
}

const held = new Map();

// Tables that do not change while the server runs are read once.
export function once(path) {
  if (!held.has(path)) {
    held.set(
      path,
      read(path).catch((fault) => {
        held.delete(path);
        throw fault;
      }),
    );
  }
  return held.get(path);
}

async function problem(answer) {
  const said = await answer.json().catch(() => ({}));
  const faults = Array.isArray(said.errors) && said.errors.length ? ` (${said.errors.join("; ")})` : "";
  return new Problem(answer.status, `${said.detail ?? answer.statusText}${faults}`);
}

function rest(seconds, signal) {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      failed(new DOMException("stopped", "AbortError"));
    });
  });
}
