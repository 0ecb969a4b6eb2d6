package dev.postrider.api;

/**
 * Where and how the API listens.
 *
 * @param host address or name to listen on
 * @param port 0 = any that is free
 * @param managementUrl where the management listener is, for the page
 */
public record ApiOptions(String host, int port, String managementUrl, ApiLimits limits) {}
