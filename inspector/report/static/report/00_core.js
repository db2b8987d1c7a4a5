"use strict";
/*
 * What all scripts of the report share. They are classic scripts in the order of their names, since modules cannot
 * import each other on file://. Nothing here makes markup out of text: elements are made one by one, and every text is
 * cleaned of control and direction characters first.
 */
const R = {};

(() => {
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("words").textContent);
  const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
  const token = (character) => `<U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`;

  /** Captured text on one line: what a browser would act on becomes a visible token. */
  R.clean = (text) => String(text).replace(unsafe, token);
  /** As clean, with newlines and tabs kept. */
  R.cleanBlock = (text) => String(text).replace(unsafe, (c) => (c === "\n" || c === "\t" ? c : token(c)));

  /** A text of our own, in both languages: {en, ko}. Placeholders are {name}. */
  R._ = (message, values) => {
    const fill = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
    return { en: fill(message), ko: fill(words[message] ?? message) };
  };
  R.language = () => root.lang;
  /** A text of the report (a string, or {en, ko}) in the language that is shown. */
  R.plain = (text) => (text && typeof text === "object" ? text[R.language()] : String(text ?? ""));

  const put = (element, child) => {
    if (child === null || child === undefined || child === false) return;
    if (Array.isArray(child)) child.forEach((one) => put(element, one));
    else if (child instanceof Node) element.append(child);
    else if (typeof child === "object") {
      if (child.en === child.ko) element.append(R.clean(child.en));
      else
        for (const language of ["en", "ko"])
          element.append(R.el("span", { class: "l", lang: language }, child[language]));
    } else element.append(R.clean(child));
  };
  const svg = "http://www.w3.org/2000/svg";
  const make = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (typeof value === "object") {
        element.setAttribute(name, R.clean(R.plain(value)));
        for (const language of ["en", "ko"]) element.setAttribute(`data-${language}-${name}`, R.clean(value[language]));
      } else element.setAttribute(name, value === true ? "" : R.clean(value));
    }
    put(element, children);
    return element;
  };
  /** An element. Attributes "on…" are listeners; texts {en, ko} follow the language. */
  R.el = (name, attributes, ...children) => make(document.createElement(name), attributes, children);
  R.svg = (name, attributes, ...children) => make(document.createElementNS(svg, name), attributes, children);
  /** A choice of a list; its label follows the language, which elements inside of it could not. */
  R.option = (value, label) => R.el("option", { value, label });
  R.fill = (element, ...children) => {
    element.replaceChildren();
    put(element, children);
    return element;
  };
  R.text = (text) => {
    const holder = document.createDocumentFragment();
    put(holder, text);
    return holder;
  };

  const digits = new Intl.NumberFormat("en-US");  // made once: toLocaleString makes one for each number
  R.number = (value) => digits.format(Number(value));
  R.seconds = (nanoseconds) => (nanoseconds / 1e9).toFixed(6);
  R.duration = (ns) => {
    if (ns === null || ns === undefined) return "?";
    if (ns < 9995000) return `${(ns / 1e6).toFixed(2)} ms`;
    if (ns < 999500000) return `${Math.round(ns / 1e6)} ms`;
    if (ns < 59950000000) return `${(ns / 1e9).toFixed(1)} s`;
    return `${Math.floor(ns / 6e10)} min ${Math.round((ns % 6e10) / 1e9)} s`;
  };
  R.size = (count) => {
    let value = Number(count);
    for (const unit of ["B", "KiB", "MiB", "GiB"]) {
      if (value < 1024 || unit === "GiB") return `${unit === "B" || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
      value /= 1024;
    }
    return "";
  };
  R.hex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  R.byte = (value) => value.toString(16).padStart(2, "0");

  /** A word of the report that leads to its explanation, where there is one. */
  R.term = (kind, word, label) => {
    R.terms ??= new Map(Object.keys(R.report.explanations ?? {}).map((key) => [key.toLowerCase(), key]));
    const key = R.terms.get(`${kind}-${word}`.toLowerCase());
    return key && document.getElementById(`explain-${key}`) ? R.el("a", { class: "term", href: `#explain-${key}` }, label ?? String(word)) : label ?? String(word);
  };

  const live = document.getElementById("live");
  /** Say something to screen readers. */
  R.announce = (text) => { live.textContent = R.clean(R.plain(text)); };
  /** A short note at the lower edge. */
  R.toast = (text) => {
    const note = R.el("div", { class: "toast", role: "status" }, text);
    document.body.append(note);
    setTimeout(() => note.remove(), 2500);
  };
  /** Copy text, also where the page has no permission for the clipboard. */
  R.copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = R.el("textarea", { class: "unseen" });
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    R.toast(R._("Copied"));
  };
  R.perf = { start: performance.now() };
  root.classList.add("scripted");
})();
