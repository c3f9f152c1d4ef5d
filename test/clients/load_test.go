package clients

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/pdns/test/lab"
)

// names is how many RRsets the large history has, all below large.example.
const names = 1_000_000

// largeStore makes the store of the large history, once for all tests.
var largeStore = sync.OnceValues(func() (store string, err error) {
	store = filepath.Join(binaries.Dir, "large")
	cmd := exec.Command(binaries.PDNS, "import", "--store", store, "-q", "-")
	r, w := io.Pipe()
	cmd.Stdin = r
	go func() {
		lines := bufio.NewWriterSize(w, 1<<20)
		for i := range names {
			fmt.Fprintf(lines, `{"count":%d,"time_first":1564617600,"time_last":%d,"rrname":"host-%07d.large.example.","rrtype":"A",`+
				`"bailiwick":"large.example.","rdata":["198.%d.%d.%d"]}`+"\n", i%9+1, 1564617600+i, i, 18+i>>16, i>>8&255, i&255)
		}
		w.CloseWithError(lines.Flush())
	}()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("pdns import: %w\n%s", err, out)
	}
	return store, nil
})

// newLarge is a desk with the large history.
func newLarge(t *testing.T) *desk {
	d := newDesk(t)
	var err error
	if d.store, err = largeStore(); err != nil {
		t.Fatal(err)
	}
	return d
}

// resident is the memory that a process holds and files do not back: what is mapped
// of the store is the page cache's.
func resident(t *testing.T, pid int) (bytes int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// A tally counts what is written to it, and looks at the memory of the server as it
// comes.
type tally struct {
	t     *testing.T
	pid   int
	bytes int
	lines int
	most  int // memory
	next  int // count of bytes at which it looks again
}

func (c *tally) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.lines += bytes.Count(b, []byte("\n"))
	if c.bytes >= c.next {
		c.most = max(c.most, resident(c.t, c.pid))
		c.next = c.bytes + 256<<10
	}
	return len(b), nil
}

// TestMemory: dnsdbq reads an answer of 100,000 objects, and one of a million, and
// the memory of the server does not grow with them.
func TestMemory(t *testing.T) {
	t.Parallel()
	d := newLarge(t)
	ask := func(limit, want int) *tally {
		d.serve("--timeout", "10m")
		c := &tally{t: t, pid: d.server.PID()}
		cmd := exec.Command("dnsdbq", "-j", "-l", strconv.Itoa(limit), "-r", "*.large.example/A")
		cmd.Env = append(os.Environ(), "DNSDB_SERVER="+d.url, "DNSDB_API_KEY=any")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = c, &stderr
		if err := cmd.Run(); err != nil || stderr.Len() > 0 {
			t.Fatalf("dnsdbq -l %d: %v\n%s", limit, err, stderr.String())
		}
		if c.lines != want {
			t.Errorf("%d objects, want %d", c.lines, want)
		}
		return c
	}
	small, large := ask(names/10, names/10), ask(0, names)
	growth := large.most - small.most
	t.Logf("answers of %d and %d MB, at most %d and %d MB held", small.bytes>>20, large.bytes>>20, small.most>>20, large.most>>20)
	if most := (large.bytes - small.bytes) / 4; small.most == 0 || growth > most {
		t.Errorf("%d bytes of answer more took %d bytes of memory more, want less than %d", large.bytes-small.bytes, growth, most)
	}
}

// TestMemoryOfDialects reads all of the large history in each way that streams.
func TestMemoryOfDialects(t *testing.T) {
	t.Parallel()
	d := newLarge(t)
	d.serve("--timeout", "10m")
	c := &tally{t: t, pid: d.server.PID()}
	for _, path := range []string{
		"/lookup/rrset/name/*.large.example?limit=0",
		"/dnsdb/v2/lookup/rdata/ip/198.0.0.0,8?limit=0",
		"/dnsdb/v2/regex/rrnames/%5Ehost?limit=0",
		"/pdns/query/*.large.example",
		"/v2/dns/passive?query=*.large.example",
	} {
		before := c.bytes
		r, err := http.Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(c, r.Body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		r.Body.Close()
		if got := c.bytes - before; r.StatusCode != http.StatusOK || got < 64*names {
			t.Errorf("%s: %s, %d bytes, want at least %d", path, r.Status, got, 64*names)
		}
	}
	t.Logf("answers of %d MB, at most %d MB held", c.bytes>>20, c.most>>20)
	if most := 64 << 20; c.most > most {
		t.Errorf("%d bytes of memory, want at most %d", c.most, most)
	}
}

// TestStopsReading: a client that takes 100 MB of an answer and then nothing more is
// cut, and its search ends.
func TestStopsReading(t *testing.T) {
	t.Parallel()
	d := newLarge(t)
	d.serve("--timeout", "10m")
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /dnsdb/v2/lookup/rrset/name/*.large.example?limit=0 HTTP/1.1\r\nHost: %s\r\n\r\n", u.Host)
	if n, err := io.CopyN(io.Discard, conn, 100_000_000); err != nil {
		t.Fatalf("%d bytes: %v", n, err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(d.server.Output(), " cut\n"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the search has not ended")
		}
	}
	lab.Wait(t, "the end of the connection", func() bool { return sockets(t, d.server.PID()) == 1 })
	rest, err := io.ReadAll(conn)
	if strings.Contains(string(rest), `"succeeded"`) || strings.HasSuffix(string(rest), "\r\n0\r\n\r\n") {
		t.Errorf("after %d bytes more, %v, the answer ends as if it were whole", len(rest), err)
	}
}

// sockets is how many sockets a process holds: one to listen at, and connections.
func sockets(t *testing.T, pid int) (n int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// TestManyClients: two hundred at once all get whole answers.
func TestManyClients(t *testing.T) {
	t.Parallel()
	const clients, objects = 200, 5000
	d := newDesk(t)
	var history strings.Builder
	for i := range objects {
		fmt.Fprintf(&history, `{"count":1,"time_first":1564617600,"time_last":1564617600,"rrname":"h%d.many.example.","rrtype":"A","rdata":["192.0.2.1"]}`+"\n", i)
	}
	if err := d.record(history.String()); err != nil {
		t.Fatal(err)
	}
	d.serve()
	paths := []string{"/dnsdb/v2/lookup/rrset/name/*.many.example", "/dnsdb/v2/lookup/rdata/ip/192.0.2.1", "/lookup/rrset/name/*.many.example", "/pdns/query/192.0.2.1"}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var all sync.WaitGroup
	for i := range clients {
		path := paths[i%len(paths)]
		all.Go(func() {
			if err := whole(transport, d.url+path, objects); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
	all.Wait()
}

// whole reads an answer and says what is wrong with it.
func whole(transport *http.Transport, url string, objects int) error {
	r, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	switch n := strings.Count(string(body), `"rrname":`); {
	case err != nil:
		return err
	case r.StatusCode != http.StatusOK || n != objects || !bytes.HasSuffix(body, []byte("}\n")):
		return fmt.Errorf("%s, %d objects, want %d", r.Status, n, objects)
	case strings.Contains(url, "/v2/") && !bytes.HasSuffix(body, []byte("\n{\"cond\":\"succeeded\"}\n")):
		return fmt.Errorf("it ends with %q", body[len(body)-40:])
	}
	return nil
}
