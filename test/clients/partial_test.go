package clients

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"example.org/pdns/test/lab"
)

// TestPartialAnswers: whoever uses dnsdbq is told when an answer is not whole.
func TestPartialAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		flags []string
		kill  bool
		want  string
	}{
		{"server killed", nil, true, "No SAF terminator at end of stream"},
		{"too slow", []string{"--timeout", "100ms"}, false, "Processing timeout; results may be incomplete"},
		{"too many", []string{"--limit", "1000"}, false, "Result limit reached"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newLarge(t)
			d.serve(tt.flags...)
			cmd := exec.Command("dnsdbq", "-j", "-l", "0", "-r", "*.large.example")
			cmd.Env = append(os.Environ(), "DNSDB_SERVER="+d.url, "DNSDB_API_KEY=any")
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(out)
			first, err := lines.ReadString('\n')
			if err != nil || !strings.Contains(first, "large.example.") {
				t.Fatalf("%q: %v", first, err)
			}
			if tt.kill {
				d.server.Kill()
				d.server = nil
			}
			rest, err := io.ReadAll(lines)
			if err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // 1 where it was the connection that failed, else 0
			if n := strings.Count(string(rest), "\n") + 1; n >= names || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("after %d objects dnsdbq says %q, want %q", n, stderr.String(), tt.want)
			}
		})
	}
}

// TestTLS: dnsdbq speaks TLS, and does not where it cannot trust the server.
func TestTLS(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	cert, key := lab.NewAuthority(t).Issue("pdns.test")
	d.serve("--tls-cert", cert, "--tls-key", key)
	if out := d.dnsdbq("-U -p minimal -i 192.0.2.25"); out != "mail.example.com.\n" {
		t.Errorf("over TLS: %q", out)
	}
	if s := d.shell("dnsdbq -p minimal -i 192.0.2.25"); s.out != "" || !strings.Contains(s.err, "SSL") {
		t.Errorf("from a server that nobody vouches for: %+v", s)
	}
}
