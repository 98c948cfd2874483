// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;

/** The text of the launcher. */
final class LauncherText {
  /**
   * KiB of memory below which a person is told: a status takes 32 MiB on Java 21, and with 28 it is
   * killed.
   */
  private static final int LEAST = 40 << 10;

  private LauncherText() {}

  /**
   * @param sum the SHA-256 of the jar, in hex
   */
  static String of(Path jar, String sum, String java) {
    return """
    #!/bin/sh
    # Written by Quietus with a hold: checks the copy of the agent beside it and runs it.
    # The copy is used even when the cache was cleaned or the collection was upgraded.
    if [ "$1" = run ] && [ -z "$QUIETUS_CALLER_PWD" ]; then
      for v in PWD PATH LC_ALL JAVA_HOME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do
        eval "if [ \\"\\${$v+x}\\" ]; then export QUIETUS_CALLER_$v=\\"\\$$v\\"; fi"
      done
    fi
    unset JAVA_HOME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    export LC_ALL=C.UTF-8
    cd /
    P=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin
    if [ -O / ]; then PATH=$P; else PATH=$P:$PATH; fi
    f=@jar@
    case $([ -L "$f" ] || sha256sum <"$f") in
    @sum@*) ;;
    *)
      echo "quietus: $f is missing or was changed: find out who did it; the next new hold writes it again" >&2
      exit 1
      ;;
    esac
    # With too little memory the kernel ends Java, which then says nothing.
    m=0 g=
    while read -r k v x; do
      case $k in MemAvailable: | SwapFree:) m=$((m + v)) ;; esac
    done </proc/meminfo
    while IFS=: read -r k v x; do
      if [ "$k$v" = 0 ]; then g=/sys/fs/cgroup$x; fi
    done </proc/self/cgroup
    while [ "$g" != /sys/fs/cgroup ] && [ -n "$g" ]; do
      if [ -r "$g/memory.max" ] && read -r v <"$g/memory.max" && [ "$v" != max ] && [ $((v / 1024)) -lt "$m" ]; then
        m=$((v / 1024))
      fi
      g=${g%/*}
    done
    if [ "$m" -lt @least@ ]; then
      echo "quietus: Java has only $((m / 1024)) MB of memory here, and may end without a word: free some, or raise the control group's MemoryMax=, and run this again" >&2
    fi
    for j in @java@ /usr/bin/java /usr/lib/jvm/*/bin/java; do
      if [ -f "$j" ] && [ -x "$j" ] && { [ -O "$j" ] || ! [ -O / ]; }; then
        exec "$j" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -XX:-CreateCoredumpOnCrash \\
          -XX:ErrorFile=/dev/null -jar "$f" "$@"
      fi
    done
    echo "quietus: there is no Java on this host any more; install one, such as default-jre-headless" >&2
    exit 1
    """
        .replace("@jar@", word(jar.toString()))
        .replace("@sum@", sum)
        .replace("@java@", word(java))
        .replace("@least@", String.valueOf(LEAST));
  }

  private static String word(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
