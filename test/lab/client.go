package lab

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// A Client is one who asks, with everything that could tell who it is.
type Client struct {
	From   string // address
	Subnet string // ECS
	Cookie string // hex
}

// Traces are octets that nothing may hold, each with what it is.
type Traces map[string][]byte

// Add adds the forms in which a client could have been written down.
func (traces Traces) Add(t testing.TB, c Client) {
	t.Helper()
	traces.AddAddress(c.From)
	traces.AddAddress(c.Subnet)
	cookie, err := hex.DecodeString(c.Cookie)
	if err != nil {
		t.Fatal(err)
	}
	traces["cookie "+c.Cookie] = cookie
	traces["cookie "+c.Cookie+" as text"] = []byte(c.Cookie)
	traces["option of "+c.From] = []byte("client-only-")
}

// AddAddress adds the forms of an IP address.
func (traces Traces) AddAddress(s string) {
	ip := net.ParseIP(s)
	traces[s+" as text"] = []byte(s)
	traces[s+" in 16 octets"] = ip.To16()
	if four := ip.To4(); four != nil {
		traces[s+" in 4 octets"] = four
		traces[s+" in 4 octets, little endian"] = binary.LittleEndian.AppendUint32(nil, binary.BigEndian.Uint32(four))
		traces[s+" as hex"] = []byte(hex.EncodeToString(four))
	}
}

// SearchStore searches every file of a store, as it lies and uncompressed, and
// reports whether it found what must be there.
func (traces Traces) SearchStore(t testing.TB, store string, there []byte) (found bool) {
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
		traces.Search(t, d.Name(), content)
		found = found || bytes.Contains(content, there)
		for _, plain := range frames(content) {
			traces.Search(t, d.Name()+" uncompressed", plain)
			found = found || bytes.Contains(plain, there)
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Fatalf("%d files in the store: %v", files, err)
	}
	return found
}

// Search fails the test for each trace in content.
func (traces Traces) Search(t testing.TB, where string, content []byte) {
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
