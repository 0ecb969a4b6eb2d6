package dev.postrider.api;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.HEAD;
import static io.vertx.core.http.HttpMethod.PATCH;
import static io.vertx.core.http.HttpMethod.POST;

import dev.postrider.dispatch.Jobs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which request goes where: every route of the API, named by its operation. */
final class ApiRouter {

  private static final String PATH = "path";

  private final Router router;
  private final RequestGuard guard;
  private final StreamRoutes streams;
  private final List<RouteTemplate> templates = new ArrayList<>();

  ApiRouter(Vertx vertx, ApiVerticle.Parts parts, ApiOptions options) {
    ApiLimits limits = options.limits();
    Jobs jobs = parts.jobs();
    router = Router.router(vertx);
    guard = new RequestGuard(limits);
    streams = new StreamRoutes(vertx, parts.streams());
    Refusals refusals = new Refusals(this::methods);
    router.errorHandler(404, refusals::routeNotFound);
    router.errorHandler(405, refusals::methodNotAllowed);
    router.route().failureHandler(refusals::failed);
    router.route().handler(this::check);

    JobRoutes job = new JobRoutes(jobs, limits);
    BatchRoutes batch = new BatchRoutes(jobs, limits);
    ListRoutes list = new ListRoutes(jobs, limits);
    ControlRoutes control = new ControlRoutes(jobs, limits);
    OptionsRoutes changes = new OptionsRoutes(jobs, limits);
    JobReportRoutes report = new JobReportRoutes(jobs, limits);
    TaskRoutes task = new TaskRoutes(parts.tasks(), limits);
    TaskQueueRoutes queue = new TaskQueueRoutes(parts.queues(), limits);
    ServiceRoutes service = new ServiceRoutes(options.managementUrl());

    route(POST, "/v1/webhooks", "startWebhook", job::startWebhook);
    route(POST, "/v1/jobs", "startJob", job::startJob);
    route(POST, "/v1/jobs/batch", "startJobs", batch::startJobs);
    route(GET, "/v1/jobs/:id", "describeJob", job::describeJob);
    route(GET, "/v1/jobs/:id/result", "getResult", job::getResult);
    stream("/v1/jobs/:id/events", "streamJobEvents");
    route(POST, "/v1/jobs/:id/cancel", "cancelJob", control::cancelJob);
    route(POST, "/v1/jobs/:id/terminate", "terminateJob", control::terminateJob);
    route(POST, "/v1/jobs/:id/pause", "pauseJob", control::pauseJob);
    route(POST, "/v1/jobs/:id/unpause", "unpauseJob", control::unpauseJob);
    route(POST, "/v1/jobs/:id/reset", "resetJob", control::resetJob);
    route(PATCH, "/v1/jobs/:id/options", "updateOptions", changes::updateOptions);
    route(POST, "/v1/jobs/:id/retry-now", "retryJobNow", control::retryJobNow);
    route(POST, "/v1/jobs/:id/rerun", "rerunJob", control::rerunJob);
    route(POST, "/v1/jobs/:id/complete", "completeJob", report::completeJob);
    route(POST, "/v1/jobs/:id/fail", "failJob", report::failJob);
    route(POST, "/v1/jobs/:id/heartbeat", "heartbeatJob", report::heartbeatJob);
    route(DELETE, "/v1/jobs/:id", "deleteJob", job::deleteJob);
    route(GET, "/v1/jobs", "listJobs", list::listJobs);
    route(GET, "/v1/task-queues", "listTaskQueues", queue::listTaskQueues);
    route(GET, "/v1/task-queues/:queue", "describeTaskQueue", queue::describeTaskQueue);
    route(PATCH, "/v1/task-queues/:queue", "updateTaskQueue", queue::updateTaskQueue);
    route(POST, "/v1/task-queues/:queue/pause", "pauseTaskQueue", queue::pauseTaskQueue);
    route(POST, "/v1/task-queues/:queue/unpause", "unpauseTaskQueue", queue::unpauseTaskQueue);
    route(POST, "/v1/task-queues/:queue/poll", "pollTasks", task::pollTasks);
    route(POST, "/v1/poll", "pollQueues", task::pollQueues);
    route(POST, "/v1/tasks/:token/complete", "completeTask", task::completeTask);
    route(POST, "/v1/tasks/:token/fail", "failTask", task::failTask);
    route(POST, "/v1/tasks/:token/canceled", "cancelTask", task::cancelTask);
    route(POST, "/v1/tasks/:token/heartbeat", "heartbeatTask", task::heartbeatTask);
    route(POST, "/v1/tasks/:token/hand-back", "handBackTask", task::handBackTask);
    route(GET, "/openapi.yaml", "getOpenApi", service::getOpenApi);
    route(GET, "/", "getPage", service::getPage);
  }

  /** One operation: a request in, its answer out; refusals are thrown or fail the future. */
  interface Operation {
    Future<Answer> answer(Exchange exchange);
  }

  Router router() {
    return router;
  }

  RequestGuard guard() {
    return guard;
  }

  /** Ends the open streams. */
  void closeStreams() {
    streams.close();
  }

  /** The methods that a path takes. */
  private SortedSet<String> methods(RequestPath path) {
    SortedSet<String> methods = new TreeSet<>(Set.of(HttpMethod.OPTIONS.name()));
    templates.stream().filter(t -> t.matches(path)).forEach(t -> methods.add(t.method()));
    return methods;
  }

  private void check(RoutingContext ctx) {
    ctx.put(PATH, guard.check(ctx.request()));
    ctx.next();
  }

  private void route(HttpMethod method, String path, String name, Operation operation) {
    add(method, path, name, exchange -> operation.answer(exchange).map(Optional::of));
  }

  private void stream(String path, String name) {
    add(GET, path, name, streams::streamJobEvents);
  }

  private void add(HttpMethod method, String path, String name, Streaming operation) {
    Route route = router.route(method, path).setName(name);
    templates.add(new RouteTemplate(method.name(), path));
    if (method.equals(GET)) {
      route.method(HEAD);
      templates.add(new RouteTemplate(HEAD.name(), path));
    }
    route.handler(
        ctx -> {
          HttpServerRequest request = ctx.request();
          RequestPath segments = ctx.get(PATH);
          operation
              .answer(new Exchange(request, segments))
              .onSuccess(answer -> answer.ifPresent(a -> a.send(ctx.response())))
              .onFailure(ctx::fail);
        });
  }

  /** An operation that may write its answer itself. */
  private interface Streaming {
    Future<Optional<Answer>> answer(Exchange exchange);
  }
}
