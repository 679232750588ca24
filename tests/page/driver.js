// What a reader does with a page, and what is seen then; it ends as JSON in the page.
const seen = { errors: window.errors, broken: window.broken ?? null };
const wait = test => new Promise((done, fail) => {
  let left = 100;
  const look = () => test() ? done() : left-- ? setTimeout(look, 50) : fail(new Error(`waited for ${test}`));
  look();
});
const at = (over, part, type, more) => {
  const box = over.getBoundingClientRect();
  (type === "mouseup" ? document : over).dispatchEvent(new MouseEvent(type, { bubbles: true, button: 0, buttons: 1, movementX: 9, clientX: box.left + box.width * part, clientY: box.top + box.height / 2, ...more }));
};
const key = (plot, key) => plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
(async () => {
  seen.title = document.querySelector("h1").textContent;
  seen.question = document.querySelector(".question").textContent;
  seen.command = document.querySelector("#again code").textContent;
  seen.scripts = document.scripts.length;
  seen.answer = document.querySelector("#answer").textContent;
  const table = document.querySelector("#metrics table"), outer = table.closest(".table");
  const column = place => [...table.tBodies[0].rows].map(row => Number(row.cells[place].dataset.v));
  const next = [...outer.querySelectorAll(".turn button")].find(button => button.textContent === "Next");
  seen.rows = [];
  for (;;) {
    seen.rows.push(...[...table.tBodies[0].rows].map(row => [row.cells[0].textContent, row.cells[1].dataset.v, row.cells[1].textContent]));
    if (!next || next.disabled) break;
    next.click();
  }
  const head = table.tHead.rows[0].cells[1], button = head.querySelector("button");
  button.focus();
  seen.focused = document.activeElement === button;
  seen.sorts = [head.getAttribute("aria-sort")];
  seen.columns = [];
  for (let n = 0; n < 2; n++) {
    button.click();
    seen.sorts.push(head.getAttribute("aria-sort"));
    seen.columns.push(column(1));
  }
  const find = outer.querySelector("input");
  find.value = "availability.instance";
  find.dispatchEvent(new Event("input", { bubbles: true }));
  seen.found = [...table.tBodies[0].rows].map(row => row.cells[0].textContent);

  const figure = document.querySelector("#chart-availability");
  figure.scrollIntoView();
  await wait(() => figure.querySelector(".plot canvas"));
  await new Promise(done => setTimeout(done, 300));
  const plot = figure.querySelector(".plot"), over = plot.querySelector(".u-over"), reset = plot.querySelector(".reset");
  seen.whole = reset.hidden;
  at(over, 0.4, "mousemove", { buttons: 0 });
  await new Promise(done => setTimeout(done, 300));
  seen.where = figure.querySelector(".where").textContent;
  seen.value = figure.querySelector("output").textContent;
  at(over, 0.2, "mousedown");
  at(over, 0.5, "mousemove");
  at(over, 0.6, "mousemove");
  at(over, 0.6, "mouseup");
  await new Promise(done => setTimeout(done, 300));
  seen.zoomed = !reset.hidden;
  plot.focus();
  key(plot, "0");
  await new Promise(done => setTimeout(done, 300));
  seen.reset = reset.hidden;
  key(plot, "Home");
  await new Promise(done => setTimeout(done, 300));
  seen.first = figure.querySelector(".where").textContent;
  key(plot, "ArrowRight");
  await new Promise(done => setTimeout(done, 300));
  seen.second = figure.querySelector(".where").textContent;
  seen.spoken = figure.querySelector("[aria-live]").textContent;
  key(plot, "+");
  await new Promise(done => setTimeout(done, 300));
  seen.nearer = !reset.hidden;
  figure.querySelector("details").open = true;
  await wait(() => figure.querySelector("details table"));
  seen.numbers = figure.querySelectorAll("details table tbody tr").length;
  seen.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  seen.loaded = performance.getEntriesByType("resource").map(entry => entry.name);
})().catch(error => seen.errors.push(String(error))).finally(() => {
  const told = document.createElement("pre");
  told.id = "seen";
  told.textContent = JSON.stringify(seen);
  document.body.append(told);
});
