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

  private static final int DEFAULT_PAGE_SIZE = 100;

  private final Jobs jobs;
  private final ApiLimits limits;

  ListRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.limits = limits;
  }

  Future<Answer> listJobs(Exchange exchange) {
    String namespace = exchange.namespace();
    // The request line bounds both; a query may have line breaks in it.
    TextRule anything = TextRule.lines(limits.maxRequestLineBytes());
    String query = exchange.query().text("query", anything);
    int pageSize =
        exchange
            .query()
            .integer(
                "pageSize",
                1,
                limits.maxPageSize(),
                Math.min(DEFAULT_PAGE_SIZE, limits.maxPageSize()));
    String pageToken = exchange.query().text("pageToken", anything);
    exchange.check();
    Condition condition = parse(query == null ? "" : query);
    return jobs.list(namespace, condition, pageSize, pageToken).map(ListRoutes::answer);
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
