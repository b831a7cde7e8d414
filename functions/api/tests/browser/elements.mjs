// The elements of a page, as far as our scripts use any: made from its HTML, and never from a text that a script hands over.

const VOID = ["meta", "link", "input", "br", "!doctype"];
// What ends without saying so, and by what.
const ENDS = { th: ["th"], td: ["td", "th"] };

export class Element {
  children = [];
  parent = null;
  attributes = {};
  listeners = [];
  hidden = false;
  disabled = false;
  open = false;
  #value = null;

  constructor(tag, document) {
    this.tag = tag;
    this.document = document;
  }

  // A list to choose from stands at its first choice, and at none that it does not have.
  get value() {
    if (this.tag !== "select") return this.#value ?? "";
    const choices = this.all("option").map((it) => it.value);
    return choices.includes(this.#value) ? this.#value : this.#value === null ? choices[0] ?? "" : "";
  }

  set value(text) {
    this.#value = text;
  }

  get textContent() {
    return this.children.map((it) => (typeof it === "string" ? it : it.textContent)).join("");
  }

  set textContent(text) {
    this.children = text === "" ? [] : [String(text)];
  }

  set innerHTML(_) {
    throw new Error("a script of ours makes no markup");
  }

  append(...added) {
    for (const it of added) {
      const child = it instanceof Element ? it : String(it);
      if (child instanceof Element) child.parent = this;
      this.children.push(child);
    }
  }

  replaceChildren(...added) {
    this.children = [];
    this.append(...added);
  }

  insertRow() {
    return this.added("tr");
  }

  insertCell() {
    return this.added("td");
  }

  added(tag) {
    const made = new Element(tag, this.document);
    this.append(made);
    return made;
  }

  get tBodies() {
    return this.all("tbody");
  }

  // All beneath it, in the order of the page.
  all(tag) {
    const elements = this.children.filter((it) => it instanceof Element);
    return elements.flatMap((it) => [...(tag === undefined || it.tag === tag ? [it] : []), ...it.all(tag)]);
  }

  querySelector(tag) {
    return this.all(tag)[0] ?? null;
  }

  contains(other) {
    return other === this || this.all().includes(other);
  }

  focus() {
    this.document.activeElement = this;
  }

  addEventListener(event, act) {
    this.listeners.push([event, act]);
  }

  // As somebody does it: what is disabled or hidden is not pressed.
  happens(event) {
    for (let it = this; it; it = it.parent) if (it.hidden) throw new Error(`${this.tag} is hidden and nobody can reach it`);
    if (this.disabled) return;
    if (event === "click") this.focus();
    const told = { target: this, preventDefault() {} };
    for (const [named, act] of this.listeners) if (named === event) act(told);
  }
}

export function parsed(html, document) {
  const root = new Element("", document);
  let at = root;
  const tokens = html.matchAll(/<!--[^]*?-->|<(\/?)([a-z!0-9]+)((?:"[^"]*"|[^">])*)>|[^<]+/gi);
  for (const [text, ends, name, rest] of tokens) {
    if (text.startsWith("<!--")) continue;
    const tag = name?.toLowerCase();
    if (tag === undefined) {
      if (text.trim()) at.append(text);
    } else if (ends) {
      while (at.tag !== tag) at = at.parent ?? fail(`</${tag}> ends nothing`);
      at = at.parent;
    } else {
      if (ENDS[tag]?.includes(at.tag)) at = at.parent;
      const made = at.added(tag);
      for (const [, attribute, value] of rest.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)) made.attributes[attribute] = value ?? "";
      const [hidden, disabled] = ["hidden", "disabled"].map((name) => name in made.attributes);
      Object.assign(made, { hidden, disabled, value: made.attributes.value ?? null });
      if (!VOID.includes(tag)) at = made;
    }
  }
  return root;
}

const fail = (why) => {
  throw new Error(why);
};

export class FormData {
  constructor(form) {
    this.pairs = form.all("input").map((it) => [it.attributes.name, it.value]);
  }

  [Symbol.iterator]() {
    return this.pairs[Symbol.iterator]();
  }
}
