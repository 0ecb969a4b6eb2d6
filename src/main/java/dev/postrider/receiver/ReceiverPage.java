package dev.postrider.receiver;

import dev.postrider.job.Durations;
import dev.postrider.receiver.Behaviour.Answer;
import dev.postrider.receiver.Behaviour.Close;
import dev.postrider.receiver.Behaviour.Ending;
import dev.postrider.receiver.Behaviour.Hang;
import dev.postrider.receiver.Behaviour.When;
import dev.postrider.receiver.ReceiverState.Arrival;
import dev.postrider.receiver.ReceiverState.Counts;

/** The page at {@code /}: counts, and the latest requests with what was made of them. */
final class ReceiverPage {

  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="refresh" content="2">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Webhook receiver</title>
      <style>
      :root { color-scheme: light dark; --line: #8884; --soft: #777; }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.3rem; margin: 0; }
      p { margin: .2rem 0; color: var(--soft); }
      dl { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1.2rem 0; }
      dl div { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; min-width: 6.5rem; }
      dt { color: var(--soft); font-size: .85rem; }
      dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; width: 100%; }
      th { text-align: left; white-space: nowrap; font-weight: 600; font-size: .85rem; color: var(--soft); }
      th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
      td, code { font-family: ui-monospace, monospace; font-size: .85rem; }
      td { white-space: nowrap; }
      td.body { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 18rem; }
      .new { color: #178a3d; } .deduped { color: #8a6d00; } .refused { color: #c8321f; }
      @media (prefers-color-scheme: dark) { .new { color: #5ed080; } .deduped { color: #e0b840; } .refused { color: #ff8370; } }
      </style>
      </head>
      <body>
      """;

  private ReceiverPage() {}

  static String of(ReceiverState state) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append("<h1>Webhook receiver</h1>\n");
    page.append("<p>Takes <code>POST /hooks</code>. All that was recorded, with headers: ");
    page.append("<a href=\"/_received\"><code>GET /_received</code></a>. ");
    page.append("This page reloads every 2 seconds.</p>\n");
    counts(page, state);
    if (state.arrivals().isEmpty()) {
      page.append("<p>Nothing has come in yet.</p>\n");
    } else {
      table(page, state);
    }
    return page.append("</body>\n</html>\n").toString();
  }

  private static void counts(StringBuilder page, ReceiverState state) {
    Counts counts = state.counts();
    String rate = state.rateLimit() == 0 ? "off" : ReceivedReport.rate(state.rateLimit()) + "/s";
    page.append("<dl>\n");
    count(page, "received", Long.toString(counts.received()));
    count(page, "processed", Long.toString(counts.processed()));
    count(page, "deduped", Long.toString(counts.deduped()));
    count(page, "throttled", Long.toString(counts.throttled()));
    count(page, "rate limit", rate);
    if (state.behaviours() > 0) {
      count(page, "behaviours waiting", Integer.toString(state.behaviours()));
    }
    page.append("</dl>\n");
  }

  private static void count(StringBuilder page, String name, String value) {
    page.append("<div><dt>").append(name).append("</dt><dd>").append(value);
    page.append("</dd></div>\n");
  }

  private static void table(StringBuilder page, ReceiverState state) {
    page.append("<div class=\"wide\"><table>\n<thead><tr><th>Time (UTC)</th><th>Outcome</th>");
    page.append("<th>Idempotency-Key</th><th>Body</th></tr></thead>\n<tbody>\n");
    for (Arrival arrival : state.arrivals()) {
      row(page, arrival);
    }
    page.append("</tbody>\n</table></div>\n");
    if (state.counts().received() > state.arrivals().size()) {
      page.append("<p>The latest ").append(state.arrivals().size());
      page.append(" of ").append(state.counts().received()).append(" requests.</p>\n");
    }
  }

  private static void row(StringBuilder page, Arrival arrival) {
    ReceivedDelivery delivery = arrival.delivery();
    String key = delivery.idempotencyKey();
    String instant = ReceivedReport.instant(delivery.receivedAt());
    page.append("<tr><td>").append(instant, instant.indexOf('T') + 1, instant.length() - 1);
    outcome(page, arrival.reception());
    page.append("</td><td>").append(key == null ? "–" : escaped(key));
    page.append("</td><td class=\"body\">").append(escaped(delivery.body()));
    page.append("</td></tr>\n");
  }

  private static void outcome(StringBuilder page, Reception reception) {
    String kind = "refused";
    String text = "throttled, 429";
    if (reception instanceof Reception.Taken taken) {
      kind = taken.deduped() ? "deduped" : "new";
      text = kind + ", 200";
    } else if (reception instanceof Reception.Scripted scripted) {
      text = scripted(scripted);
    }
    page.append("</td><td class=\"").append(kind).append("\">").append(text);
  }

  private static String scripted(Reception.Scripted scripted) {
    Behaviour behaviour = scripted.behaviour();
    Reception.Taken taken = scripted.taken();
    StringBuilder text = new StringBuilder();
    if (taken != null) {
      text.append(taken.deduped() ? "deduped, then " : "new, then ");
    }
    if (!behaviour.delay().isZero()) {
      text.append("after ").append(Durations.format(behaviour.delay())).append(' ');
    }
    return text.append(ending(behaviour)).toString();
  }

  private static String ending(Behaviour behaviour) {
    Ending ending = behaviour.ending();
    if (ending instanceof Answer answer) {
      return "told to answer " + answer.status();
    }
    if (ending instanceof Hang) {
      return "told to hang";
    }
    if (ending instanceof Close) {
      return "told to close";
    }
    return behaviour.when() == When.AFTER ? "200" : "as usual";
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
