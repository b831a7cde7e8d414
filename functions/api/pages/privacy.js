// What customers have asked for by law, with its deadline, the file where one waits, and a button that makes it anew. Takes
// `listing` from page.js.
(() => {
  const ASKS = { data: "A customer's data", erasure: "Forget a customer", shop_erasure: "Forget everything of the shop" };
  const day = (at) => (at ? new Date(at).toLocaleDateString() : "");

  function file(request) {
    const link = document.createElement("a");
    link.href = request.file_url;
    // A frame within Shopify's admin is not led elsewhere.
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Take the file";
    return link;
  }

  listing("privacy", {
    path: "/api/v1/tenants/me/privacy",
    words: { none: "Nobody has asked for anything.", some: "The last 50 requests.", all: "All requests." },
    cells(request, button) {
      const asks = ASKS[request.asks] ?? request.asks;
      const who = request.customer ? `${asks} (${request.customer})` : asks;
      const became = request.why ? `${request.state}: ${request.why}` : request.state;
      // An open one is being prepared; by an address alone nobody is found again.
      const can = request.asks === "data" && request.customer && request.state !== "open";
      const done = "The file is being prepared. It is shown here in a moment.";
      const anew = can && button("Prepare anew", `${encodeURIComponent(request.id)}/prepare`, done);
      // Segments, reports, templates and campaigns in whose words somebody was named.
      const reworded = request.reworded.map(({ kind, id, fields }) => `${kind} ${id} (${fields.join(", ")})`);
      const words = reworded.length > 0 && `Replaced in your own words: ${reworded.join("; ")}`;
      const last = [became, words, request.file_url && file(request), anew];
      return [day(request.received_at), who, day(request.deadline), last, request.id];
    },
  });
})();
