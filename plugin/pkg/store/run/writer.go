package run

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/durable"
	"example.org/pdns/plugin/pkg/store/record"
)

// Options of a writer.
type Options struct {
	Compression Compression
	MaxSize     int // bytes that the file may take; 0: no limit
}

// Sizes that a writer works by.
const (
	blockSize    = 16 << 10      // of a block before compression
	batchSize    = 8 << 20       // of what one transaction writes
	maxSeparator = 1 << 10       // of a block's key; a longer one waits for a better place to cut
	maxBlock     = 8 * blockSize // which is not waited for beyond this
)

// A Writer writes a run: first all records, then the postings, both in ascending
// order, then Finish. After an error only Abort is left. It is not safe for
// concurrent use.
type Writer struct {
	path, temp string
	made       os.FileInfo // the file at temp
	db         *bolt.DB
	tx         *bolt.Tx
	buckets    map[string]*bolt.Bucket
	pending    int // bytes put in this transaction
	o          Options
	info       Info

	records  recordBlock
	postings postingBlock
	leading  segment
	cuts     [2]cut
	filters  [2]filterWriter
	payload  []byte
}

// A cut follows where blocks of one bucket begin.
type cut struct {
	key     []byte // of the block being collected
	last    []byte // last key added
	started bool
}

// Places in cuts.
const (
	cutRecords = iota
	cutPostings
)

// Create begins a run that will be at path, which appears only with Finish.
func Create(path string, o Options) (*Writer, error) {
	w := &Writer{path: path, temp: path + ".tmp", o: o}
	db, err := bolt.Open(w.temp, 0o600, &bolt.Options{
		OpenFile:       w.create,
		Timeout:        time.Second,
		NoSync:         true, // Finish syncs once, before anyone trusts the file
		NoGrowSync:     true,
		NoFreelistSync: true,
		FreelistType:   bolt.FreelistMapType,
		PageSize:       pageSize,
		MaxSize:        o.MaxSize,
	})
	if err != nil {
		os.Remove(w.temp)
		return nil, fmt.Errorf("%s: %w", w.temp, err)
	}
	w.db = db
	w.info.Small = o.Compression == Small
	w.info.Entries = map[string]uint64{}
	for i, bucket := range [][]byte{bucketRrsetFilter, bucketRdataFilter} {
		w.filters[i].put = func(k, v []byte) error { return w.put(bucket, k, place{bucket, k}.appendPlain(nil, v)) }
	}
	if err := w.begin(); err != nil {
		w.Abort()
		return nil, err
	}
	return w, nil
}

// create makes the file that bbolt asks to be opened.
func (w *Writer) create(path string, _ int, _ os.FileMode) (*os.File, error) {
	f, err := durable.Create(path)
	if err != nil {
		return nil, err
	}
	if w.made, err = f.Stat(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// pageSize is that of the file. bbolt rounds what lies together, two blocks or
// so, up to whole pages: on real data small pages save a tenth of the file over
// pages of 4 KiB. Larger ones leave freed pages behind instead.
const pageSize = 1024

func (w *Writer) begin() (err error) {
	if w.tx, err = w.db.Begin(true); err != nil {
		return err
	}
	w.buckets, w.pending = map[string]*bolt.Bucket{}, 0
	for _, name := range append([][]byte{bucketMeta}, dataBuckets...) {
		b, err := w.tx.CreateBucketIfNotExists(name)
		if err != nil {
			return err
		}
		b.FillPercent = 1 // keys only ascend
		w.buckets[string(name)] = b
	}
	return nil
}

// put keeps value until the transaction ends, as bbolt asks.
func (w *Writer) put(bucket, key, value []byte) error {
	if err := w.buckets[string(bucket)].Put(key, value); err != nil {
		return fmt.Errorf("%s: %s: %w", w.temp, bucket, err)
	}
	w.info.Entries[string(bucket)]++
	if w.pending += len(key) + len(value); w.pending < batchSize {
		return nil
	}
	if err := w.commit(); err != nil {
		return err
	}
	return w.begin()
}

func (w *Writer) commit() error {
	tx := w.tx
	w.tx = nil
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", w.temp, err)
	}
	return nil
}

// Add adds a record and returns its ordinal.
func (w *Writer) Add(key []byte, f *rrset.Figures) (uint32, error) {
	if w.info.Records > 0 && bytes.Compare(w.cuts[cutRecords].last, key) >= 0 {
		return 0, fmt.Errorf("%s: record key %x does not ascend", w.temp, key)
	}
	if w.info.Records == 1<<32-1 {
		return 0, fmt.Errorf("%s: more than %d records", w.temp, w.info.Records)
	}
	if c := &w.cuts[cutRecords]; c.due(key, w.records.size()) {
		if err := w.flushRecords(); err != nil {
			return 0, err
		}
		c.begin(key, nil)
	}
	w.cuts[cutRecords].last = append(w.cuts[cutRecords].last[:0], key...)
	owner := key[:record.OwnerLen(key)]
	if err := w.filters[0].add(owner); err != nil {
		return 0, err
	}
	w.records.add(key, f)
	w.note(f)
	ordinal := uint32(w.info.Records - 1)
	return ordinal, w.leading.add(owner, ordinal, w.writeLeading)
}

func (w *Writer) note(f *rrset.Figures) {
	if w.info.Records == 0 {
		w.info.First, w.info.Last = f.First, f.Last
	}
	w.info.First, w.info.Last = min(w.info.First, f.First), max(w.info.Last, f.Last)
	w.info.Records++
}

// due reports whether a block of this size ends before key: it is large enough,
// and a short enough key tells the next one from it, or it is too large. Keys that
// have no digest differ within 3 KiB, others within 600 octets, and bbolt takes 32.
func (c *cut) due(key []byte, size int) bool {
	return !c.started || size >= blockSize && (size >= maxBlock || sharedLen(c.last, key) < maxSeparator)
}

// begin starts a block with key: its own key is the shortest prefix that sorts
// behind the last key of the block before, or, where that is the same key, key
// and its first ordinal.
func (c *cut) begin(key, ordinal []byte) {
	n := min(sharedLen(c.last, key)+1, len(key))
	c.key = append(c.key[:0], key[:n]...)
	if c.started && bytes.Equal(c.last, key) {
		c.key = append(append(c.key[:0], key...), ordinal...)
	}
	c.started = true
}

func (w *Writer) flushRecords() error {
	if len(w.records.figures) == 0 {
		return nil
	}
	first := uint32(w.info.Records) - uint32(len(w.records.figures))
	w.payload = w.records.appendPayload(w.payload[:0], first)
	w.records.reset()
	if len(w.payload) > maxPayload {
		return fmt.Errorf("%s: block of %d bytes: at most %d can be read back", w.temp, len(w.payload), maxPayload)
	}
	key := w.cuts[cutRecords].key
	frame := place{bucketRrset, key}.appendFrame(nil, w.payload, w.o.Compression)
	w.info.RrsetBytes += int64(len(frame))
	if err := w.put(bucketOrdinal, binary.BigEndian.AppendUint32(nil, first), bytes.Clone(key)); err != nil {
		return err
	}
	return w.put(bucketRrset, key, frame)
}

// Post adds to the index by rdata that the records with these ascending ordinals
// are found under key.
func (w *Writer) Post(key []byte, ordinals []uint32) error {
	w.info.Postings += uint64(len(ordinals))
	if err := w.filters[1].add(key[:len(key)-2]); err != nil {
		return err
	}
	for part := range slices.Chunk(ordinals, maxList) {
		if err := w.post(key, part); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) post(key []byte, ordinals []uint32) error {
	c := &w.cuts[cutPostings]
	if c.started && bytes.Compare(c.last, key) > 0 {
		return fmt.Errorf("%s: posting key %x does not ascend", w.temp, key)
	}
	if c.due(key, w.postings.size()) {
		if err := w.flushPostings(); err != nil {
			return err
		}
		c.begin(key, binary.BigEndian.AppendUint32(nil, ordinals[0]))
	}
	c.last = append(c.last[:0], key...)
	w.postings.add(key, ordinals)
	return nil
}

func (w *Writer) flushPostings() error {
	if w.postings.n == 0 {
		return nil
	}
	w.payload = w.postings.appendPayload(w.payload[:0])
	w.postings.reset()
	if len(w.payload) > maxPayload {
		return fmt.Errorf("%s: block of %d bytes: at most %d can be read back", w.temp, len(w.payload), maxPayload)
	}
	key := w.cuts[cutPostings].key
	frame := place{bucketRdata, key}.appendFrame(nil, w.payload, w.o.Compression)
	w.info.RdataBytes += int64(len(frame))
	return w.put(bucketRdata, key, frame)
}
