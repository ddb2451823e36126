// Draws what the table beside it says, so that nothing is in the picture alone. One set of bars or one line a column.
const colour = (name) => { const probe = document.createElement("i"); probe.style.color = `var(${name})`; document.body.append(probe); const found = getComputedStyle(probe).color; probe.remove(); return found; };
const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2]];
const shapes = ["circle", "rect", "triangle", "rectRot", "crossRot"];
const pattern = (tone, at) => {  // stripes for every further column: it is told apart without colour, too
  if (!at) return tone;
  const tile = document.createElement("canvas"); tile.width = tile.height = 8;
  const pen = tile.getContext("2d"); pen.strokeStyle = tone; pen.lineWidth = 1 + at;
  pen.beginPath(); pen.moveTo(0, 8); pen.lineTo(8, 0); if (at > 1) { pen.moveTo(0, 0); pen.lineTo(8, 8); } pen.stroke();
  return pen.createPattern(tile, "repeat");
};
const draw = (figure) => {
  const table = document.getElementById(figure.dataset.table), kind = figure.dataset.chart, rows = [...table.tBodies[0].rows];
  const tones = ["--tblr-primary", "--dk-age-2", "--dk-age-4", "--dk-age-1", "--tblr-secondary"].map(colour), ink = colour("--tblr-secondary"), line = colour("--tblr-border-color");
  const datasets = [...table.tHead.rows[0].cells].slice(1).map((head, column) => {
    const tone = tones[column % tones.length], text = (row) => row.cells[column + 1];
    return { label: head.textContent.trim(), data: rows.map((row) => Number(text(row).dataset.value)), words: rows.map((row) => text(row).textContent.trim()),
      backgroundColor: kind === "bar" ? pattern(tone, column) : tone, borderColor: tone, borderWidth: kind === "bar" ? 1 : 2, borderDash: kind === "bar" ? [] : dashes[column % dashes.length],
      pointStyle: shapes[column % shapes.length], pointRadius: 3, spanGaps: true, yAxisID: `y${column}` };
  });
  // Each currency has an axis of its own: their heights are never compared.
  const scales = Object.fromEntries(datasets.map((_, column) => [`y${column}`, { display: !column, beginAtZero: true, grid: { color: line }, ticks: { color: ink, maxTicksLimit: 5 } }]));
  return new Chart(figure.querySelector("canvas"), {
    type: kind, data: { labels: rows.map((row) => row.cells[0].textContent.trim()), datasets },
    options: { maintainAspectRatio: false, animation: false, scales: { x: { grid: { display: false }, ticks: { color: ink } }, ...scales },
      plugins: { legend: { display: datasets.length > 1, labels: { color: ink, usePointStyle: true } }, tooltip: { callbacks: { label: (one) => `${one.dataset.label}: ${one.dataset.words[one.dataIndex]}` } } } },
  });
};
let drawn = [];
const all = () => { drawn.forEach((one) => one.destroy()); drawn = [...document.querySelectorAll("[data-chart]")].map(draw); };
all();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
