package dev.postrider.api.json;

/**
 * One thing that is wrong with a request.
 *
 * @param field the path of the field, as in {@code retryPolicy.jitter} or {@code jobs[3].type}
 * @param message the rule and the value that broke it; reads on after the field's name
 */
public record FieldError(String field, String message) {}
