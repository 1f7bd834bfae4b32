// The front's API, and how it can fail.

import { type Reply, readReplies } from "./reply.js";

const TIMEOUT = 40_000; // milliseconds; the server gives up on Rasa after 20 s

export type Body = { text: string } | { button: string };

/** The server refused, with a sentence for the reader. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly wait: number,
  ) {
    super(message);
  }
}

/** The answer came and cannot be read. */
export class Unreadable extends Error {}

export class Api {
  /** `base` is the address of the front, with a slash at its end; `token` the session's, when there is one. */
  constructor(
    readonly base: string,
    public token: string,
  ) {}

  /**
   * The replies to a message or a button. An expired session is replaced once for a text.
   * Throws `Refused`, `Unreadable`, or what `fetch` throws when the server cannot be reached.
   */
  async send(body: Body): Promise<Reply[]> {
    try {
      return await this.#post(body);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401 && this.token && "text" in body)) throw error;
      this.token = "";
      return this.#post(body);
    }
  }

  /** Have the server forget the conversation. A session that it no longer knows is forgotten already. */
  async erase(): Promise<void> {
    if (!this.token) return;
    const response = await this.#fetch("api/sessions", {
      method: "DELETE",
      headers: { Authorization: `Bearer ${this.token}` },
    });
    if (!response.ok && response.status !== 401) throw await refusal(response);
    this.token = "";
  }

  async #post(body: Body): Promise<Reply[]> {
    const response = await this.#fetch("api/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(this.token ? { session: this.token, ...body } : body),
    });
    if (!response.ok) throw await refusal(response);
    const answer = (await json(response)) as { replies?: unknown; session?: unknown };
    if (typeof answer?.session === "string") this.token = answer.session;
    const replies = readReplies(answer?.replies);
    if (!replies.length) throw new Unreadable();
    return replies;
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.base + path, {
      ...init,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT),
    });
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw new Unreadable();
    throw error;
  }
}

async function refusal(response: Response): Promise<Error> {
  const body = (await json(response)) as { error?: { message?: unknown; code?: unknown } };
  const message = body?.error?.message;
  if (typeof message !== "string") return new Unreadable();
  return new Refused(
    message,
    String(body?.error?.code),
    response.status,
    Number(response.headers.get("Retry-After")) || 0,
  );
}
