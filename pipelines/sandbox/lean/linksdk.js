// The pretend LinkSDK: the same calls as the real one, with a plain list of banks instead of their sign-in pages.
"use strict";
(() => {
  const base = new URL(".", document.currentScript.src).href;

  const ask = async (path, config, body) => {
    const answer = await fetch(base + path, {
      method: "POST",
      headers: { "content-type": "text/plain", authorization: `Bearer ${config.access_token || ""}` },
      body: JSON.stringify({ app_token: config.app_token, ...body }),
    });
    const document_ = await answer.json();
    if (!answer.ok) throw new Error(document_.message || `status ${answer.status}`);
    return document_;
  };

  const element = (name, text, parent) => {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  };

  const open = (title) => {
    const dialog = element("dialog", "", document.body);
    dialog.id = "lean-link";
    element("h2", title, dialog);
    dialog.showModal();
    return dialog;
  };

  const run = (method, config, fill) => {
    const dialog = open(method === "CONNECT" ? "Choose a bank (pretend)" : "Sign in again (pretend)");
    const done = (status, secondaryStatus, message, bankIdentifier) => {
      dialog.remove();
      const bank = bankIdentifier ? { bank_identifier: bankIdentifier, is_supported: true } : null;
      if (config.callback) config.callback({ method, status, secondary_status: secondaryStatus, message, bank });
    };
    const attempt = (path, body) =>
      ask(path, config, body).then(
        (made) => done("SUCCESS", "OK", "The bank was connected.", made.bank_identifier),
        (error) => done("ERROR", "FAILED", error.message, null),
      );
    fill(dialog, attempt).then(
      () => {
        const cancel = element("button", "Cancel", dialog);
        cancel.type = "button";
        const end = () => done("CANCELLED", "UNKNOWN", "The form was closed.", null);
        cancel.addEventListener("click", end);
        dialog.addEventListener("cancel", end);
      },
      (error) => done("ERROR", "FAILED", error.message, null),
    );
  };

  const connect = (config) =>
    run("CONNECT", config, async (dialog, attempt) => {
      const choose = (identifier) =>
        attempt("linksdk/connect", {
          customer_id: config.customer_id,
          bank_identifier: identifier,
          permissions: config.permissions,
        });
      if (config.bank_identifier) {
        await choose(config.bank_identifier);
        return;
      }
      const banks = await ask("linksdk/banks", config, {});
      for (const bank of banks) {
        const button = element("button", bank.name, dialog);
        button.type = "button";
        button.dataset.bankIdentifier = bank.identifier;
        button.addEventListener("click", () => choose(bank.identifier));
      }
    });

  const reconnect = (config) =>
    run("RECONNECT", config, async (dialog, attempt) => {
      const button = element("button", "Sign in", dialog);
      button.type = "button";
      button.addEventListener("click", () => attempt("linksdk/reconnect", { reconnect_id: config.reconnect_id }));
    });

  window.Lean = { connect, reconnect };
})();
