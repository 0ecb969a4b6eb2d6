package dev.postrider;

import java.io.PrintWriter;

/** What a newcomer reads first. */
final class Banner {
  private Banner() {}

  static void print(Server server, PrintWriter out) {
    out.printf("%nPostrider %s is ready.%n", Version.ofThis());
    out.printf("  API         %s/v1  (described in %s/openapi.yaml)%n", server.url(), server.url());
    out.printf("  page        %s/%n", server.url());
    out.printf("  management  %s/health/ready  /health/live  /metrics%n", server.managementUrl());
    out.printf("  durability  %s%n%n", server.durability());
    out.flush();
  }
}
