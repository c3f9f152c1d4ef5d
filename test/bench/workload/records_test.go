package workload_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"example.org/pdns/plugin/pkg/store/record"
	"example.org/pdns/test/bench/workload"
)

func TestRecords(t *testing.T) {
	c := workload.Config{Total: 3000, Names: names(t)}
	var file []byte
	for g := workload.NewGenerator(c); ; {
		r := g.Next()
		if r == nil {
			break
		}
		file = workload.AppendRecord(file, r)
	}
	in := workload.NewRecordReader(bytes.NewReader(file))
	for g := workload.NewGenerator(c); ; {
		r := g.Next()
		key, f, err := in.Next()
		if r == nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("behind the last record: %v", err)
			}
			return
		}
		if err != nil || !bytes.Equal(key, record.AppendKey(nil, r)) || f != r.Figures {
			t.Fatalf("%x %v %v, want %x %v", key, f, err, record.AppendKey(nil, r), r.Figures)
		}
	}
}

func TestRecordErrors(t *testing.T) {
	for _, bad := range []struct{ file, want string }{
		{"\x03ab", "record 1: unexpected EOF"},
		{"\x02ab\x01\x02", "record 1: unexpected EOF"},
		{"\x02ab\x01\x02\x03\x04\x05\x06\xff", "record 2: unexpected EOF"},
		{"\xff\xff\xff\x7f", "record 1: key of 268435455 octets, want at most 1048576"},
	} {
		in := workload.NewRecordReader(bytes.NewReader([]byte(bad.file)))
		var err error
		for err == nil {
			_, _, err = in.Next()
		}
		if err.Error() != bad.want {
			t.Errorf("%q: %v, want %s", bad.file, err, bad.want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x02ab\x01\x02\x03\x04\x05\x06"))
	f.Fuzz(func(t *testing.T, file []byte) {
		in := workload.NewRecordReader(bytes.NewReader(file))
		for {
			if _, _, err := in.Next(); err != nil {
				return
			}
		}
	})
}
