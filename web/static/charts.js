// Draws what the table beside it says, so that nothing is in the picture alone. A column of the table is a picture of its own: columns
// are currencies, and heights of two currencies on one scale would be read as if they could be compared.
const colour = (name) => { const probe = document.createElement("i"); probe.style.color = `var(${name})`; document.body.append(probe); const found = getComputedStyle(probe).color; probe.remove(); return found; };
const draw = (canvas, kind, rows, column, title) => {
  const tone = colour("--tblr-primary"), ink = colour("--tblr-secondary"), line = colour("--tblr-border-color"), cells = rows.map((row) => row.cells[column]);
  return new Chart(canvas, {
    type: kind,
    data: {
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      datasets: [{ data: cells.map((cell) => Number(cell.dataset.value)), backgroundColor: tone, borderColor: tone, borderWidth: kind === "bar" ? 0 : 2, pointRadius: 3, spanGaps: true, maxBarThickness: 48 }],
    },
    options: {
      maintainAspectRatio: false, animation: false,
      scales: { x: { grid: { display: false }, ticks: { color: ink } }, y: { beginAtZero: true, border: { display: false }, grid: { color: line }, ticks: { color: ink, maxTicksLimit: 5 } } },
      plugins: { legend: { display: false }, title: { display: Boolean(title), text: title, align: "start", color: ink }, tooltip: { displayColors: false, callbacks: { label: (one) => cells[one.dataIndex].textContent.trim() } } },
    },
  });
};
// One picture of three columns of the same currency: what is expected as a line, and the second and third column as a band around it.
const band = (canvas, rows, heads) => {
  const tone = colour("--tblr-primary"), ink = colour("--tblr-secondary"), line = colour("--tblr-border-color"), cells = [1, 2, 3].map((column) => rows.map((row) => row.cells[column]));
  const set = (at, more) => ({ label: heads[at].textContent.trim(), data: cells[at].map((cell) => Number(cell.dataset.value)), borderColor: tone, backgroundColor: tone.replace("rgb(", "rgba(").replace(")", ", .18)"), borderWidth: 1, borderDash: [4, 4], pointRadius: 0, ...more });
  return new Chart(canvas, {
    type: "line",
    data: { labels: rows.map((row) => row.cells[0].textContent.trim()), datasets: [set(0, { borderWidth: 2, borderDash: [], pointRadius: 3 }), set(1, {}), set(2, { fill: "-1" })] },
    options: {
      maintainAspectRatio: false, animation: false,
      scales: { x: { grid: { display: false }, ticks: { color: ink } }, y: { beginAtZero: true, border: { display: false }, grid: { color: line }, ticks: { color: ink, maxTicksLimit: 5 } } },
      plugins: { legend: { labels: { color: ink, usePointStyle: true, pointStyle: "line" } }, tooltip: { displayColors: false, callbacks: { label: (one) => `${one.dataset.label}: ${cells[one.datasetIndex][one.dataIndex].textContent.trim()}` } } },
    },
  });
};
// All columns in one picture, where they are the same thing in the same unit: told apart by dashes and points, not by colour.
const together = (canvas, rows, heads) => {
  const tone = colour("--tblr-primary"), ink = colour("--tblr-secondary"), line = colour("--tblr-border-color"), cells = heads.map((_, at) => rows.map((row) => row.cells[at + 1]));
  const dashes = [[], [8, 4], [2, 3], [10, 4, 2, 4]], points = ["circle", "triangle", "rect", "cross"];
  return new Chart(canvas, {
    type: "line",
    data: { labels: rows.map((row) => row.cells[0].textContent.trim()), datasets: heads.map((head, at) => ({ label: head.textContent.trim(), data: cells[at].map((cell) => (cell.dataset.value ? Number(cell.dataset.value) : null)), borderColor: at ? ink : tone, backgroundColor: at ? ink : tone, borderWidth: 2, borderDash: dashes[at % 4], pointStyle: points[at % 4], pointRadius: 3, spanGaps: true })) },
    options: {
      maintainAspectRatio: false, animation: false,
      scales: { x: { grid: { display: false }, ticks: { color: ink } }, y: { beginAtZero: true, border: { display: false }, grid: { color: line }, ticks: { color: ink, maxTicksLimit: 5 } } },
      plugins: { legend: { labels: { color: ink, usePointStyle: true } }, tooltip: { displayColors: false, callbacks: { label: (one) => `${one.dataset.label}: ${cells[one.datasetIndex][one.dataIndex].textContent.trim()}` } } },
    },
  });
};
const pictures = (figure) => {
  const table = document.getElementById(figure.dataset.table), rows = [...table.tBodies[0].rows], all = [...table.tHead.rows[0].cells].slice(1, table.dataset.only ? Number(table.dataset.only) + 1 : undefined), one = ["band", "lines"].includes(figure.dataset.chart), heads = one ? all.slice(0, 1) : all;
  const made = heads.map((head, at) => {
    const frame = document.createElement("div"), canvas = document.createElement("canvas"), title = heads.length > 1 ? head.textContent.trim() : "";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", [title, figure.dataset.name].filter(Boolean).join(": "));
    frame.append(canvas);
    figure.append(frame);
    return [canvas, at + 1, title];
  });
  if (one) return [(figure.dataset.chart === "band" ? band : together)(made[0][0], rows, all)];
  return made.map(([canvas, column, title]) => draw(canvas, figure.dataset.chart, rows, column, title));
};
let drawn = [];
const all = () => {
  drawn.forEach((one) => one.destroy());
  drawn = [...document.querySelectorAll("[data-chart]")].flatMap((figure) => { figure.replaceChildren(); return pictures(figure); });
};
all();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
