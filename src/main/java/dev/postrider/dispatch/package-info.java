/**
 * What a request means: the client's half ({@link dev.postrider.dispatch.Jobs}) and the worker's
 * half ({@link dev.postrider.dispatch.Tasks}), with the calls that wait; knows {@code job}, {@code
 * store} and {@code event}. One instance of each class per event loop.
 */
@NullMarked
package dev.postrider.dispatch;

import org.jspecify.annotations.NullMarked;
