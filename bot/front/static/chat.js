// The demonstration page: sends what is typed, shows the replies.

import { element } from "./markdown.js";
import { renderReply } from "./reply.js";

const LIMIT = 4000; // characters; the server has the last word
const OFFLINE = "Le service ne répond pas. Vérifiez votre connexion, puis renvoyez votre question.";

const log = document.getElementById("log");
const form = document.getElementById("composer");
const field = document.getElementById("question");
const hint = document.getElementById("hint");
const usualHint = hint.textContent;

let session = null; // kept in this page only: closing it forgets the conversation
let pending = false;

function reveal(node) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function show(node) {
  log.append(node);
  reveal(node);
}

function showQuestion(text) {
  const message = element("div", { class: "message you" });
  message.append(element("p", { class: "visually-hidden" }, "Votre message\u00a0:"), element("p", {}, text));
  show(message);
}

async function post(body) {
  const response = await fetch("/api/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(session ? { session, ...body } : body),
  });
  return { status: response.status, ...(await response.json()) };
}

async function ask(shown, body) {
  if (pending) return;
  pending = true;
  form.classList.add("pending");
  showQuestion(shown);
  const waiting = element("p", { class: "waiting" }, "Je consulte mes fiches…");
  log.append(waiting);
  try {
    let answer = await post(body);
    if (answer.status === 401 && body.text) {
      session = null; // the conversation has expired: begin another with the same question
      answer = await post(body);
    }
    session = answer.session ?? session;
    waiting.remove();
    if (answer.error) {
      show(element("p", { class: "notice" }, answer.error.message));
      restore(body);
    } else {
      const nodes = answer.replies.map((reply) => renderReply(reply, { onButton, onQuestion }));
      log.append(...nodes);
      reveal(nodes[0]); // the first, so that several replies are read from their beginning
    }
  } catch {
    waiting.remove();
    show(element("p", { class: "notice" }, OFFLINE));
    restore(body);
  } finally {
    pending = false;
    form.classList.remove("pending");
    field.focus({ preventScroll: true });
  }
}

// Gives a refused text back, so that nothing has to be typed twice.
function restore(body) {
  if (body.text && !field.value) {
    field.value = body.text;
    measure();
  }
}

function onButton(title, token) {
  ask(title, { button: token });
}

function onQuestion(title) {
  ask(title, { text: title });
}

function measure() {
  const excess = [...field.value].length - LIMIT;
  hint.textContent = excess > 0 ? `Votre message dépasse la limite de ${excess} caractères.` : usualHint;
  hint.classList.toggle("excess", excess > 0);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || pending) return;
  field.value = "";
  measure();
  ask(text, { text });
});

field.addEventListener("input", measure);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

field.focus();
