package dev.postrider.client;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where the service is and how to talk to it. */
public final class ClientOptions {
  final URI url;
  final String namespace;
  final Duration patience;
  final WebClientOptions http;
  final ObjectMapper objectMapper;
  final @Nullable Vertx vertx;

  private ClientOptions(Builder builder) {
    this.url = builder.url;
    this.namespace = builder.namespace;
    this.patience = builder.patience;
    this.http = new WebClientOptions(builder.http);
    this.objectMapper = builder.objectMapper != null ? builder.objectMapper : Json.defaultMapper();
    this.vertx = builder.vertx;
  }

  /**
   * @param url where the service's API is, {@code http://127.0.0.1:8080}
   * @throws IllegalArgumentException if it is no {@code http} or {@code https} URL
   */
  public static Builder newBuilder(String url) {
    return new Builder(url);
  }

  /** Makes {@link ClientOptions}. */
  public static final class Builder {
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

    private final URI url;
    private String namespace = "default";
    private Duration patience = DEFAULT_PATIENCE;
    private WebClientOptions http = new WebClientOptions();
    private @Nullable ObjectMapper objectMapper;
    private @Nullable Vertx vertx;

    private Builder(String url) {
      this.url = URI.create(url);
      boolean web = "http".equals(this.url.getScheme()) || "https".equals(this.url.getScheme());
      if (!web || this.url.getHost() == null) {
        throw new IllegalArgumentException("url must be an http or https URL: " + url);
      }
    }

    /** Whose jobs these are; {@code default} by default. */
    public Builder namespace(String namespace) {
      this.namespace = namespace;
      return this;
    }

    /**
     * How long a call is made again while the service is away, before it fails; 30 s by default. No
     * call is repeated that could have another effect the second time. Workers wait without end.
     */
    public Builder patience(Duration patience) {
      this.patience = patience;
      return this;
    }

    /** TLS, proxies and whatever else the connections need. */
    public Builder http(WebClientOptions http) {
      this.http = http;
      return this;
    }

    /**
     * What inputs, results and details are read and written with. By default one with the modules
     * on the class path that overlooks members a class does not have.
     */
    public Builder objectMapper(ObjectMapper objectMapper) {
      this.objectMapper = objectMapper;
      return this;
    }

    /** The application's own Vert.x; by default the client has one, which ends with it. */
    public Builder vertx(Vertx vertx) {
      this.vertx = vertx;
      return this;
    }

    public ClientOptions build() {
      return new ClientOptions(this);
    }
  }
}
