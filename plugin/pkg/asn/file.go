package asn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// mostSize bounds the size of a file. Those of AS numbers have some 10 MB, the largest
// that have them beside countries some 100 MB.
const mostSize = 1 << 30

// metadataMarker begins the metadata of a database, which with it have at most
// mostMetadata octets, at the end of the file (MaxMind DB File Format 2.0, Database
// Metadata).
const (
	metadataMarker = "\xab\xcd\xefMaxMind.com"
	mostMetadata   = 128 << 10
)

// readFile reads a file whole, into memory that is asked for once, after its end looked
// like that of a database: any other file costs no more than that end.
func readFile(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("no file, want %s", wanted)
	case info.Size() > mostSize:
		return nil, fmt.Errorf("%d bytes, want at most %d: %s", info.Size(), mostSize, wanted)
	}
	end := make([]byte, min(info.Size(), mostMetadata))
	if _, err := f.ReadAt(end, info.Size()-int64(len(end))); err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Contains(end, []byte(metadataMarker)) {
		return nil, fmt.Errorf("%w, or a damaged one (its end has no metadata), want %s", errFormat, wanted)
	}
	b := make([]byte, info.Size())
	switch _, err := io.ReadFull(f, b); {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, errors.New("became shorter while it was read")
	case err != nil:
		return nil, err
	}
	return b, nil
}
