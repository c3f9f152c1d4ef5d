package capture

import (
	"io"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// repeated is a source of the same packet, so often.
type repeated struct {
	packet
	n int
}

func (r *repeated) next() (packet, error) {
	if r.n == 0 {
		return packet{}, io.EOF
	}
	r.n--
	return r.packet, nil
}

// TestDefect: a packet that this package cannot cope with is counted, and those
// behind it are read.
func TestDefect(t *testing.T) {
	syn := []byte{
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 198, 51, 100, 53, 203, 0, 113, 7,
		0, 53, 0x9c, 0x47, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
	}
	d := newDecoder(Options{}.withDefaults())
	d.streams.open = nil // nothing can be added
	r := &Reader{src: &repeated{packet{link: layers.LinkTypeRaw, data: syn}, 3}, dec: d}
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
	if s := r.Stats(); s.By[Panicked] != 1 || s.By[DNS] != 2 || s.Packets != 3 {
		t.Errorf("%+v", s)
	}
}
