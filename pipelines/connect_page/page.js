// The connect page: words in the person's language, the button that opens LinkSDK, and what came of it.
"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const button = document.getElementById("begin");
  const status = document.getElementById("status");
  const sdk = document.getElementById("sdk");
  let language = (navigator.languages || []).map((each) => each.slice(0, 2)).find((each) => words[each]) || "en";
  let trouble = "";
  let isFormOpen = false;
  let state = { stage: "waiting", accounts: [], reconnects: [] };

  const element = (name, text, parent, className) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    parent.append(made);
    return made;
  };

  const show = () => {
    const spoken = words[language];
    document.documentElement.lang = language;
    document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
    document.title = spoken.title;
    for (const part of document.querySelectorAll("[data-word]")) part.textContent = spoken[part.dataset.word];
    for (const choice of document.querySelectorAll("#languages button")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.language === language));
    }
    const isOver = state.stage === "reading" || state.stage === "done";
    button.hidden = isOver || isFormOpen;
    button.disabled = !window.Lean;
    const again = document.getElementById("again");
    again.textContent = "";
    for (const each of button.hidden ? [] : state.reconnects) {
      const choice = element("button", spoken.again.replace("{bank}", each.bank), again, "main");
      choice.type = "button";
      choice.disabled = !window.Lean;
      choice.addEventListener("click", () => begin(each.entity_id));
    }
    status.textContent = trouble ? spoken[trouble] : spoken[`stage_${state.stage}`];
    status.dataset.stage = trouble ? "failed" : state.stage;
    const list = document.getElementById("list");
    list.textContent = "";
    for (const account of state.accounts) {
      const item = element("li", "", list);
      element("bdi", account.name || account.bank, element("span", "", item, "name"));
      element("span", account.balance, item, "balance").dir = "ltr";
      element("bdi", [account.bank, account.number].filter(Boolean).join(" · "), element("span", "", item, "detail"));
    }
    document.getElementById("accounts").hidden = !state.accounts.length;
  };

  const ask = async (path, body) => {
    const answer = await fetch(path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  };

  const begin = async (entityId) => {
    trouble = "";
    button.disabled = true;
    try {
      const config = await ask("begin", { entity_id: entityId });
      const callback = (result) => {
        isFormOpen = false;
        ask("end", { status: result && result.status, entity_id: entityId }).catch(() => {});
      };
      if (config.reconnect_id) window.Lean.reconnect({ ...config, callback });
      else window.Lean.connect({ ...config, callback });
      isFormOpen = true;
    } catch {
      trouble = "no_begin";
    }
    show();
  };

  const follow = async () => {
    try {
      state = await ask("state");
    } catch {
      if (state.stage !== "done") trouble = "terminal_gone";
      show();
      return;
    }
    show();
    if (state.stage !== "done") setTimeout(follow, 1000);
  };

  for (const [code, spoken] of Object.entries(words)) {
    const choice = element("button", spoken.name, document.getElementById("languages"));
    choice.type = "button";
    choice.lang = code;
    choice.dataset.language = code;
    choice.addEventListener("click", () => {
      language = code;
      show();
    });
  }
  sdk.addEventListener("load", show);
  sdk.addEventListener("error", () => {
    trouble = "no_sdk";
    show();
  });
  button.addEventListener("click", () => begin(""));
  show();
  follow();
})();
