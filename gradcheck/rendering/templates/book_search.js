const query = document.getElementById("query");
const search = () => {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const topic of document.querySelectorAll(".topic")) {
    const entries = [...topic.querySelectorAll("li")];
    for (const entry of entries) entry.hidden = !words.every(word => entry.dataset.words.includes(word));
    const here = entries.filter(entry => !entry.hidden).length;
    topic.hidden = here === 0;
    shown += here;
  }
  document.querySelector("nav").hidden = words.length > 0;
  document.getElementById("found").textContent = words.length ? `${shown} found` : "";
};
const asked = decodeURIComponent(location.hash).match(/^#q=(.*)/);
if (asked) query.value = asked[1];
query.addEventListener("input", search);
document.getElementById("search").hidden = false;
search();
