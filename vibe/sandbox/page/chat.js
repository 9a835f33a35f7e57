"use strict";
const page = document.body.dataset;
const words = JSON.parse(document.getElementById("words").textContent);
const at = (id) => document.getElementById(id);
let since = 0, toasted = -1, mark = "", asking = null, silence = 0;

function made(tag, attributes, ...inside) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) one.setAttribute(name, value === true ? "" : value);
  }
  one.append(...inside);
  return one;
}

async function act(name, body) {
  try {
    const answer = await fetch("/_sandbox/telegram/" + name, {
      method: "POST", body: JSON.stringify({chat: Number(page.as), ...body}),
    });
    if (!answer.ok) toast((await answer.json()).error);
  } catch { toast(words.lost); }
  await look();
}

const say = (text) => act("say", {text});

function toast(text) {
  at("toast").textContent = text;
  at("toast").hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => { at("toast").hidden = true; }, 4500);
}

function alarm(text) {
  at("alert-text").textContent = text;
  at("alert").showModal();
}

function button(row, one) {
  if (one.url) return made("a", {href: one.url, target: "_blank", rel: "noopener"}, one.text);
  if (!one.data) return made("button", {type: "button", disabled: true}, one.text);
  return made("button", {type: "button", onclick: (event) => {
    event.currentTarget.setAttribute("aria-busy", "true");
    act("press", {message_id: row.id, data: one.data});
  }}, one.text);
}

function file(one) {
  if (one.image) return made("img", {src: one.href, alt: one.name});
  return made("a", {class: "file", href: one.href, download: one.name},
    made("i", {"aria-hidden": "true"}, "⤓"), made("span", {}, one.name, made("br", {}), made("small", {}, one.size)));
}

function bubble(row) {
  const text = made("div", {class: "text"});
  text.innerHTML = row.html;  // made safe by the sandbox
  const clock = new Date(row.at * 1000).toLocaleTimeString(page.language, {hour: "2-digit", minute: "2-digit"});
  const notes = [row.edited && words.edited, row.silent && words.silent, clock].filter(Boolean);
  const inside = made("div", {class: "bubble"}, ...(row.file ? [file(row.file)] : []), text,
    made("span", {class: "meta"}, notes.join(" · ")));
  const rows = row.buttons.map((line) => made("div", {}, ...line.map((one) => button(row, one))));
  return made("li", {id: "m" + row.id, class: row.side, tabindex: "-1"}, inside,
    ...(rows.length ? [made("div", {class: "buttons"}, ...rows)] : []));
}

function put(row) {
  const old = at("m" + row.id);
  if (row.deleted) return old && old.remove();
  const fresh = bubble(row);
  if (!old) return at("log").append(fresh);
  const focused = old.contains(document.activeElement);
  fresh.style.animation = "none";
  old.replaceWith(fresh);
  if (focused) (fresh.querySelector(".buttons button, .buttons a") || fresh).focus({preventScroll: true});
}

function lines(place, rows, cell) {
  const text = JSON.stringify(rows);
  if (place.dataset.now === text) return;
  place.dataset.now = text;
  place.replaceChildren(...rows.map(cell));
}

function shelf(fresh) {
  const open = new Map([...at("shelf").querySelectorAll("details")].map((one) => [one.id, one.open]));
  at("shelf").innerHTML = fresh.html;
  for (const one of at("shelf").querySelectorAll("details")) if (open.has(one.id)) one.open = open.get(one.id);
  at("count").textContent = fresh.count || "";
  mark = fresh.mark;
}

function show(news) {
  const box = at("scroll"), low = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  if (news.again) at("log").replaceChildren();
  news.rows.forEach(put);
  since = news.version;
  const empty = !at("log").children.length;
  at("about").hidden = !(empty && news.about);
  at("about").textContent = news.about;
  at("start").hidden = !(empty || page.start || news.blocked);
  at("start").textContent = news.blocked ? words.restart : words.begin;
  at("compose").hidden = news.blocked;
  at("keyboard").hidden = news.blocked || page.start;
  at("block").hidden = news.blocked || empty;
  at("doing").textContent = news.doing ? words.typing : words.bot;
  if (!news.waiting) document.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
  lines(at("keyboard"), news.keyboard, (row) =>
    made("div", {}, ...row.map((text) => made("button", {type: "button", onclick: () => say(text)}, text))));
  at("menu").hidden = !news.commands.length;
  lines(at("commands"), news.commands, (one) => made("li", {}, made("button", {type: "button", onclick: () => {
    at("menu").open = false;
    say("/" + one.command);
  }}, made("span", {}, one.description), made("code", {}, "/" + one.command))));
  for (const one of news.toasts) (one.alert ? alarm : toast)(one.text);
  toasted = news.toasted;
  if (news.shelf) shelf(news.shelf);
  if (news.rows.length && low) box.scrollTop = box.scrollHeight;
  box.setAttribute("data-version", since);
}

async function look() {
  if (asking) return asking;
  asking = (async () => {
    const query = new URLSearchParams({as: page.as, language: page.language, since, toasted, mark});
    try { show(await (await fetch("/chat/events?" + query)).json()); } catch { at("doing").textContent = words.lost; }
  })();
  await asking;
  asking = null;
}

async function watch() {
  await look();
  setTimeout(watch, 600);
}

at("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  at("text").value = "";
  if (text) say(text);
});
at("start").addEventListener("click", async () => {
  const payload = page.start;
  page.start = "";
  history.replaceState(null, "", "/chat?as=" + page.as + "&language=" + page.language);
  if (at("compose").hidden) await act("block", {blocked: false});
  await say(payload ? "/start " + payload : "/start");
  at("text").focus();
});
at("block").addEventListener("click", () => act("block", {blocked: true}));
at("alert-ok").addEventListener("click", () => at("alert").close());
at("nobody").addEventListener("click", () => at("newcomer").close());
at("newcomer").addEventListener("close", () => { at("as").value = page.as; });
at("as").addEventListener("change", () => {
  if (at("as").value === "new") return at("newcomer").showModal();
  location.search = "?as=" + at("as").value;
});
at("language").addEventListener("change", () => {
  location.search = "?" + new URLSearchParams({as: page.as, language: at("language").value,
    ...(page.start ? {start: page.start} : {})});
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") at("menu").open = false; });
for (const beside of [false, true]) {
  at(beside ? "show-shelf" : "show-chat").addEventListener("click", () => {
    document.body.classList.toggle("beside", beside);
    at("show-chat").setAttribute("aria-pressed", !beside);
    at("show-shelf").setAttribute("aria-pressed", beside);
  });
}
watch();
