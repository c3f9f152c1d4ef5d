package disposable

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// ErrState is wrapped by errors about a state that does not hold what was written.
var ErrState = errors.New("damaged state of disposable names")

// Format is the version of the state that this package writes, and the only one
// that it reads.
const Format = 1

const (
	magic    = "passive-dns-disposable\n"
	headLen  = len(magic) + 4 + 4 + 16 // format, CRC-32C of what follows, secret
	entryLen = 1 + 8 + registers + 8 + 8
	// minSaved is how many names are worth remembering over a restart.
	minSaved = 32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Changed reports whether there is anything in the state that was not there when
// it was last asked.
func (t *Tracker) Changed() bool { return t.changed.Swap(false) }

// Stale makes Changed report that there is: what was to be kept was not.
func (t *Tracker) Stale() { t.changed.Store(true) }

// State is what to remember over a restart: sets with many names. It holds hashes
// only, and the secret that they are made with. FORMAT.md in the store's package
// draws the bytes.
func (t *Tracker) State() []byte {
	b := append([]byte(magic), make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint64(b, t.k0)
	b = binary.LittleEndian.AppendUint64(b, t.k1)
	b = t.sets.append(b, 's')
	b = t.hot.append(b, 'h')
	binary.BigEndian.PutUint32(b[len(magic):], Format)
	binary.BigEndian.PutUint32(b[len(magic)+4:], crc32.Checksum(b[len(magic)+8:], castagnoli))
	return b
}

func (t *table) append(b []byte, kind byte) []byte {
	for i := range t.shards {
		b = t.shards[i].append(b, kind)
	}
	return b
}

func (s *tableShard) append(b []byte, kind byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.buckets {
		for j, key := range s.buckets[i].keys {
			e := &s.buckets[i].entries[j]
			if key == 0 || e.barred || e.names < minSaved && e.told == 0 {
				continue
			}
			b = append(b, kind)
			b = binary.BigEndian.AppendUint64(b, key)
			b = append(b, e.ranks[:]...)
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(e.names))
			b = binary.BigEndian.AppendUint64(b, e.told)
		}
	}
	return b
}

// restore puts an entry where it belongs.
func (t *table) restore(key uint64, e entry) {
	*t.shards[key%tableShards].enter(key, t.buckets) = e
}

// Restore returns the tracker that a state was made from. The error matches
// ErrState, or says that it cannot be read by this version.
func Restore(state []byte) (*Tracker, error) {
	if len(state) < headLen || string(state[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: want one that begins with %q", ErrState, magic)
	}
	head, body := state[len(magic):], state[len(magic)+8:]
	if format := binary.BigEndian.Uint32(head); format != Format {
		return nil, fmt.Errorf("format %d of disposable names: this version reads format %d", format, Format)
	}
	if got, want := crc32.Checksum(body, castagnoli), binary.BigEndian.Uint32(head[4:]); got != want {
		return nil, fmt.Errorf("%w: checksum %08x where %08x is written", ErrState, got, want)
	}
	t := newTracker(secret{binary.LittleEndian.Uint64(body), binary.LittleEndian.Uint64(body[8:])})
	for b := body[16:]; len(b) > 0; b = b[entryLen:] {
		if len(b) < entryLen {
			return nil, fmt.Errorf("%w: ends with %d octets, want entries of %d", ErrState, len(b), entryLen)
		}
		if err := t.restore(b[:entryLen]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// restore takes in an entry.
func (t *Tracker) restore(b []byte) error {
	var e entry
	e.reset()
	key := binary.BigEndian.Uint64(b[1:])
	copy(e.ranks[:], b[9:])
	e.names = math.Float64frombits(binary.BigEndian.Uint64(b[9+registers:]))
	e.told = binary.BigEndian.Uint64(b[17+registers:])
	for _, rank := range e.ranks {
		if rank > maxRank {
			return fmt.Errorf("%w: register %d, want at most %d", ErrState, rank, maxRank)
		}
		e.room -= 1<<maxRank - 1<<(maxRank-rank)
	}
	if !(e.names >= 0 && e.names < 1<<63) || e.told > uint64(e.names) {
		return fmt.Errorf("%w: %g names, %d told", ErrState, e.names, e.told)
	}
	switch b[0] {
	case 's':
		t.sets.restore(key, e)
	case 'h':
		t.hot.restore(key, e)
	default:
		return fmt.Errorf("%w: entry of kind %q, want s or h", ErrState, b[0])
	}
	return nil
}
