package dev.postrider.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReceiverCommandTest {

  private final StringWriter err = new StringWriter();
  private final CommandLine command =
      new CommandLine(new ReceiverCommand()).setErr(new PrintWriter(err, true));

  @Test
  void portInUse_isOneLineAndAnExitCode() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int exit = command.execute("--port", "" + taken.getLocalPort());

      assertThat(exit).isNotZero();
      assertThat(err.toString().strip().lines())
          .containsExactly(
              "postrider receiver: port "
                  + taken.getLocalPort()
                  + " on 127.0.0.1 is in use or not ours to take; choose another one with --port");
    }
  }

  @Test
  void portOutOfRange_isRefused() {
    assertThat(command.execute("--port", "65536")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("port must be between 0 and 65535: 65536");
  }

  @Test
  void runningReceiver_saysWhereItListensAndStopsOnASignal() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Launcher.class.getName(),
                "--port",
                "0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.lines().filter(line -> line.contains("receiver")).findFirst().orElseThrow())
          .matches("receiver listening on http://127\\.0\\.0\\.1:[1-9][0-9]+");

      process.destroy();

      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The command by itself, in a process of its own. */
  static final class Launcher {
    public static void main(String[] args) {
      System.exit(new CommandLine(new ReceiverCommand()).execute(args));
    }
  }
}
