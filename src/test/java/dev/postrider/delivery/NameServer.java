package dev.postrider.delivery;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server that knows the same addresses for every name. */
final class NameServer {

  private static final int A = 1;
  private static final int AAAA = 28;

  private NameServer() {}

  /** Starts one and returns its port. With no address, no name exists. */
  static int knowing(Vertx vertx, String... addresses) throws Exception {
    return start(vertx, query -> answer(query, List.of(addresses), 60));
  }

  /** One that knows another address each time an IPv4 address is asked for, each for no time. */
  static int rebinding(Vertx vertx, String... addresses) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    return start(
        vertx,
        query -> {
          int turn = type(query) == A ? asked.getAndIncrement() : 0;
          return answer(query, List.of(addresses[Math.min(turn, addresses.length - 1)]), 0);
        });
  }

  /** One that never answers. */
  static int silent(Vertx vertx) throws Exception {
    return start(vertx, query -> Buffer.buffer());
  }

  private interface Answering {
    Buffer answer(Buffer query) throws Exception;
  }

  private static int start(Vertx vertx, Answering answering) throws Exception {
    DatagramSocket socket = vertx.createDatagramSocket();
    socket.handler(
        packet -> {
          try {
            Buffer answer = answering.answer(packet.data());
            if (answer.length() > 0) {
              socket.send(answer, packet.sender().port(), packet.sender().host());
            }
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    socket.listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS);
    return socket.localAddress().port();
  }

  /** RFC 1035 §4: the header, the question as it came, and one record per address. */
  private static Buffer answer(Buffer query, List<String> addresses, int ttl) throws Exception {
    int type = type(query);
    int wanted = type == A ? 4 : 16;
    Buffer records = Buffer.buffer();
    int count = 0;
    for (String address : addresses) {
      byte[] bytes = InetAddress.getAllByName(address)[0].getAddress();
      if ((type == A || type == AAAA) && bytes.length == wanted) {
        records.appendUnsignedShort(0xc00c).appendUnsignedShort(type).appendUnsignedShort(1);
        records.appendInt(ttl).appendUnsignedShort(bytes.length).appendBytes(bytes);
        count++;
      }
    }
    int flags = addresses.isEmpty() ? 0x8183 : 0x8180;
    return Buffer.buffer()
        .appendUnsignedShort(query.getUnsignedShort(0))
        .appendUnsignedShort(flags)
        .appendUnsignedShort(1)
        .appendUnsignedShort(count)
        .appendInt(0)
        .appendBuffer(query, 12, questionEnd(query) - 12)
        .appendBuffer(records);
  }

  private static int type(Buffer query) {
    return query.getUnsignedShort(questionEnd(query) - 4);
  }

  private static int questionEnd(Buffer query) {
    int position = 12;
    while (query.getByte(position) != 0) {
      position += 1 + query.getByte(position);
    }
    return position + 5;
  }
}
