package process

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// A client is one who asks, with everything that could tell who it is.
type client struct {
	from   string // address
	subnet string // ECS
	cookie string // hex
}

var clients = []client{
	{"127.201.17.33", "203.0.113.77", "a1b2c3d4e5f60718"},
	{"127.202.18.34", "198.51.100.88", "0f1e2d3c4b5a6978"},
	{"127.203.19.35", "2001:db8:c11e:47::9", "13579bdf2468ace0"},
}

const marker = "pRiVaCyPrObE" // letter case that only a client used

// TestNoClientInTheStore asks from several addresses, with ECS, cookies, NSID,
// padding and scrambled letters, and then reads every byte of the store, as it
// lies and uncompressed, for any of them.
func TestNoClientInTheStore(t *testing.T) {
	s := newSite(t)
	server := s.Start()
	if err := s.Upstream.Set("? " + marker + ".example.com A\n" + marker + ".example.com. 300 A 192.0.2.1\n"); err != nil {
		t.Fatal(err)
	}
	traces := map[string][]byte{"letters of the client": []byte(marker)}
	for i, c := range clients {
		for _, network := range []string{"udp", "tcp"} {
			m := c.question(uint16(0xbe00 + i))
			if _, err := lab.Exchange(network, server.Addr, c.from, m); err != nil {
				t.Fatal(err)
			}
		}
		c.trace(t, traces)
	}
	// Both forms on disk: runs as flushed, and a snapshot of them.
	server.Stop()
	snapshot := filepath.Join(s.Store, "copy.pdns")
	if _, stderr, code := s.PDNS("export", "--snapshot", snapshot); code != 0 {
		t.Fatalf("export: exit %d\n%s", code, stderr)
	}
	out, _, _ := s.PDNS("export", "--json")
	if !strings.Contains(out, strings.ToLower(marker)) {
		t.Fatalf("the answer itself was not recorded:\n%s", out)
	}
	search(t, "pdns export", []byte(out), traces)
	if !searchStore(t, s.Store, []byte(strings.ToLower(marker)), traces) {
		t.Error("the search does not even find the name that is there")
	}
}

// question is the client's, for the marker's name.
func (c client) question(id uint16) *dns.Msg {
	m := new(dns.Msg).SetQuestion(marker+".example.com.", dns.TypeA)
	m.Id = id
	ip, family := net.ParseIP(c.subnet), uint16(2)
	bits := uint8(128)
	if ip.To4() != nil {
		ip, family, bits = ip.To4(), 1, 32
	}
	m.SetEdns0(1232, true)
	opt := m.IsEdns0()
	opt.Option = []dns.EDNS0{
		&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: bits, Address: ip},
		&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: c.cookie},
		&dns.EDNS0_NSID{Code: dns.EDNS0NSID},
		&dns.EDNS0_LOCAL{Code: dns.EDNS0LOCALSTART, Data: []byte("client-only-" + c.cookie)},
	}
	return m
}

// trace adds the forms in which a client could have been written down.
func (c client) trace(t *testing.T, traces map[string][]byte) {
	t.Helper()
	for _, s := range []string{c.from, c.subnet} {
		ip := net.ParseIP(s)
		traces[s+" as text"] = []byte(s)
		traces[s+" in 16 octets"] = ip.To16()
		if four := ip.To4(); four != nil {
			traces[s+" in 4 octets"] = four
			traces[s+" in 4 octets, little endian"] = binary.LittleEndian.AppendUint32(nil, binary.BigEndian.Uint32(four))
			traces[s+" as hex"] = []byte(hex.EncodeToString(four))
		}
	}
	cookie, err := hex.DecodeString(c.cookie)
	if err != nil {
		t.Fatal(err)
	}
	traces["cookie "+c.cookie] = cookie
	traces["cookie "+c.cookie+" as text"] = []byte(c.cookie)
	traces["option of "+c.from] = []byte("client-only-")
}

// searchStore searches every file for traces, and reports whether it found what
// must be there.
func searchStore(t *testing.T, store string, there []byte, traces map[string][]byte) (found bool) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		search(t, d.Name(), content, traces)
		found = found || bytes.Contains(content, there)
		for _, plain := range frames(content) {
			search(t, d.Name()+" uncompressed", plain, traces)
			found = found || bytes.Contains(plain, there)
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Fatalf("%d files in the store: %v", files, err)
	}
	return found
}

func search(t *testing.T, where string, content []byte, traces map[string][]byte) {
	t.Helper()
	for what, trace := range traces {
		if at := bytes.Index(content, trace); at >= 0 {
			t.Errorf("%s: %s at byte %d", where, what, at)
		}
	}
}

// frames are the contents of the zstd frames in a file, wherever they lie.
func frames(content []byte) [][]byte {
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd}
	var out [][]byte
	for rest := content; ; {
		at := bytes.Index(rest, magic)
		if at < 0 {
			return out
		}
		if d, err := zstd.NewReader(bytes.NewReader(rest[at:]), zstd.WithDecoderConcurrency(1)); err == nil {
			plain, _ := io.ReadAll(d) // what follows the frame is no frame: an error, after its content
			out = append(out, plain)
			d.Close()
		}
		rest = rest[at+len(magic):]
	}
}
