package capture

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// Where the server answers and the client asks, at the ends of a wire.
const (
	server4, client4 = "198.51.100.53", "198.51.100.77"
	server6, client6 = "2001:db8:53::53", "2001:db8:53::c77"
	iface            = "veth0"
	clientPort       = "47123"
)

// A wire joins this namespace, where the server is, to that of the client.
type wire struct {
	*lab.Upstream
	client string // file of the client's namespace
}

// newWire lays a wire and starts a server, for as long as the test lasts.
func newWire(t *testing.T, answers string) *wire {
	t.Helper()
	other := exec.Command("sleep", "600")
	other.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		other.Process.Kill()
		other.Wait()
	})
	pid := strconv.Itoa(other.Process.Pid)
	w := &wire{client: "/proc/" + pid + "/ns/net"}
	ip(t, "link set lo up")
	ip(t, "link add "+iface+" type veth peer name veth1")
	t.Cleanup(func() { exec.Command("ip", "link", "delete", iface).Run() }) // a test may have done so
	ip(t, "link set veth1 netns "+pid)
	ip(t, "address add "+server4+"/24 dev "+iface)
	ip(t, "address add "+server6+"/64 dev "+iface+" nodad")
	ip(t, "link set "+iface+" up")
	w.there(t, "ip address add "+client4+"/24 dev veth1")
	w.there(t, "ip address add "+client6+"/64 dev veth1 nodad")
	w.there(t, "ip link set veth1 up")
	w.serve(t, answers)
	return w
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
}

// there runs a command in the client's namespace.
func (w *wire) there(t *testing.T, command string) string {
	t.Helper()
	args := append([]string{"--net=" + w.client}, strings.Fields(command)...)
	out, err := exec.Command("nsenter", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// dig asks the server; what must be in the answer tells that it came.
func (w *wire) dig(t *testing.T, server, args, want string) {
	t.Helper()
	if out := w.there(t, "dig @"+server+" +tries=3 +time=5 "+args); !strings.Contains(out, want) {
		t.Fatalf("dig %s: no %q in\n%s", args, want, out)
	}
}

func (w *wire) serve(t *testing.T, answers string) {
	t.Helper()
	w.Upstream = lab.NewUpstream(t)
	if err := w.Set(answers); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{server4, server6} {
		at := net.JoinHostPort(address, "53")
		packets, err := net.ListenPacket("udp", at)
		if err != nil {
			t.Fatal(err)
		}
		streams, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		lab.Serve(t, &dns.Server{PacketConn: packets, Handler: w})
		lab.Serve(t, &dns.Server{Listener: streams, Handler: w})
	}
}

// ServeDNS gives every EDNS option back to the client.
func (w *wire) ServeDNS(out dns.ResponseWriter, req *dns.Msg) {
	w.Upstream.ServeDNS(echo{out, req}, req)
}

type echo struct {
	dns.ResponseWriter
	req *dns.Msg
}

func (e echo) WriteMsg(m *dns.Msg) error {
	if asked, answer := e.req.IsEdns0(), m.IsEdns0(); asked != nil && answer != nil {
		answer.Option = append(answer.Option, asked.Option...)
	}
	return e.ResponseWriter.WriteMsg(m)
}

// nobody is who writes to a store of these tests.
const nobody = 65534

// publicDir is a directory of nobody's that every user can look into.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "capture-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	own(t, dir, 0o755, nobody, nobody)
	return dir
}

// own gives a file away.
func own(t *testing.T, path string, mode os.FileMode, uid, gid int) {
	t.Helper()
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// ownedDir makes a directory of somebody's.
func ownedDir(t *testing.T, path string, mode os.FileMode, uid, gid int) string {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	own(t, path, mode, uid, gid)
	return path
}

// start starts the command and waits until it listens.
func start(t *testing.T, dir string, args ...string) *lab.Process {
	t.Helper()
	return startOn(t, iface, dir, args...)
}

func startOn(t *testing.T, name, dir string, args ...string) *lab.Process {
	t.Helper()
	return run(t, name, dir, binaries.PDNS, append([]string{"capture", "-i", name}, args...)...)
}

// run runs what becomes the command, and waits until it listens.
func run(t *testing.T, name, dir, program string, args ...string) *lab.Process {
	t.Helper()
	p := lab.Start(t, dir, program, args...)
	lab.Wait(t, "listening", func() bool { return strings.Contains(p.Output(), "listening on "+name) || !p.Alive() })
	return p
}

// stop ends it as a person does.
func stop(t *testing.T, p *lab.Process) string {
	t.Helper()
	p.Signal(syscall.SIGINT)
	if code := p.ExitCode(); code != 0 {
		t.Errorf("exit %d", code)
	}
	return p.Output()
}
