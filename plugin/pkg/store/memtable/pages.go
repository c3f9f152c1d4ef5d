package memtable

import "sync"

// pageLen is the length of the pieces that tables are made of.
const pageLen = 64 << 10

// pages are those that no table has at the moment. They lie beside Go's heap where
// the system has it so: what lies on it lets the heap grow to twice as much before
// the garbage collector runs. They are kept mapped, since tables come and go every
// few seconds, and since memory that is not there ends the process: a key that
// somebody kept too long is wrong at worst.
var pages struct {
	mu   sync.Mutex
	free [][]byte
}

// newPage returns a page; what is in it is of no meaning.
func newPage() []byte {
	pages.mu.Lock()
	defer pages.mu.Unlock()
	n := len(pages.free)
	if n == 0 {
		return mapPage()
	}
	p := pages.free[n-1]
	pages.free = pages.free[:n-1]
	return p
}

// freePages takes pages back; their memory goes to the system at once.
func freePages(ps [][]byte) {
	for _, p := range ps {
		giveBack(p)
	}
	pages.mu.Lock()
	defer pages.mu.Unlock()
	pages.free = append(pages.free, ps...)
}
