package dev.postrider.api;

import dev.postrider.api.json.TextRule;
import dev.postrider.api.query.Condition;
import dev.postrider.api.query.InvalidQueryException;
import dev.postrider.api.query.ListQuery;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.Job;
import dev.postrider.store.JobPage;
import io.vertx.core.Future;

/** Finding jobs. */
final class ListRoutes {

  private final Jobs jobs;
  private final ApiLimits limits;

  ListRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.limits = limits;
  }

  Future<Answer> listJobs(Exchange exchange) {
    String namespace = exchange.namespace();
    // The request line bounds it; it may have line breaks in it.
    String query = exchange.query().text("query", TextRule.lines(limits.maxRequestLineBytes()));
    Paging paging = Paging.of(exchange, limits);
    exchange.check();
    Condition condition = parse(query == null ? "" : query);
    return jobs.list(namespace, condition, paging.size(), paging.token()).map(ListRoutes::answer);
  }

  private static Condition parse(String query) {
    try {
      return ListQuery.parse(query);
    } catch (InvalidQueryException e) {
      throw Problem.of(ProblemCode.INVALID_QUERY, String.valueOf(e.getMessage()))
          .with("position", e.position())
          .with("expected", e.expected())
          .exception();
    }
  }

  private static Answer answer(JobPage page) {
    return Answer.json(
        200,
        out -> {
          out.array(
              "jobs",
              list -> {
                for (Job job : page.jobs()) {
                  list.element(entry -> JobJson.writeListed(entry, job));
                }
              });
          out.text("nextPageToken", page.nextCursor());
        });
  }
}
