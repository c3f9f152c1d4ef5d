package keys

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// A hasher is the hash of a secret.
type hasher interface {
	// fits reports whether a secret is the one. It takes long by intent.
	fits(secret string) bool
}

// An argon is a hash by argon2id, version 1.3.
type argon struct {
	memory  uint32 // KiB
	time    uint32 // passes over it
	threads uint8
	salt    []byte
	sum     []byte
}

// Bounds on what a file may ask for: a check may take a second or so, and no more
// memory than a resolver can spare.
const (
	maxMemory  = 256 << 10 // KiB
	maxWork    = 1 << 20   // KiB, over all passes
	maxThreads = 16
	maxCost    = 14 // of bcrypt
)

// newArgon hashes a secret with the parameters that OWASP names as the least. Those
// of ours are random, and need no more.
func newArgon(secret string) argon {
	a := argon{memory: 19 << 10, time: 2, threads: 1, salt: make([]byte, 16)}
	rand.Read(a.salt) // it does not fail
	a.sum = a.of(secret, 32)
	return a
}

func (a argon) of(secret string, size int) []byte {
	return argon2.IDKey([]byte(secret), a.salt, a.time, a.memory, a.threads, uint32(size))
}

func (a argon) fits(secret string) bool {
	return subtle.ConstantTimeCompare(a.of(secret, len(a.sum)), a.sum) == 1
}

// String is the hash in the form of PHC.
func (a argon) String() string {
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", a.memory, a.time, a.threads, text(a.salt), text(a.sum))
}

// A crypt is a hash by bcrypt.
type crypt string

func (c crypt) fits(secret string) bool {
	return bcrypt.CompareHashAndPassword([]byte(c), []byte(secret)) == nil
}

var (
	phc        = regexp.MustCompile(`^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)
	bcryptForm = regexp.MustCompile(`^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$`)
)

// parseHash reads a hash. No error repeats it.
func parseHash(s string) (hasher, error) {
	if m := bcryptForm.FindStringSubmatch(s); m != nil {
		if cost, _ := strconv.Atoi(m[1]); cost < bcrypt.MinCost || cost > maxCost {
			return nil, fmt.Errorf("cost %d of bcrypt: want %d to %d", cost, bcrypt.MinCost, maxCost)
		}
		return crypt(s), nil
	}
	if m := phc.FindStringSubmatch(s); m != nil {
		return parseArgon(m)
	}
	return nil, errors.New("want argon2id as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, or bcrypt as $2b$12$HASH")
}

// parseArgon reads the parts that phc finds.
func parseArgon(m []string) (hasher, error) {
	var n [3]uint64
	for i := range n {
		n[i], _ = strconv.ParseUint(m[i+1], 10, 64) // it is a number
	}
	memory, time, threads := n[0], n[1], n[2]
	switch {
	case threads < 1 || threads > maxThreads:
		return nil, fmt.Errorf("p=%d of argon2id: want 1 to %d threads", threads, maxThreads)
	case memory < 8*threads || memory > maxMemory:
		return nil, fmt.Errorf("m=%d of argon2id: want %d to %d KiB", memory, 8*threads, maxMemory)
	case time < 1 || memory*time > maxWork:
		return nil, fmt.Errorf("t=%d of argon2id: want 1 to %d passes over m=%d", time, maxWork/memory, memory)
	}
	a := argon{memory: uint32(memory), time: uint32(time), threads: uint8(threads)}
	var errs [2]error
	a.salt, errs[0] = base64.RawStdEncoding.Strict().DecodeString(m[4])
	a.sum, errs[1] = base64.RawStdEncoding.Strict().DecodeString(m[5])
	switch {
	case errs[0] != nil || len(a.salt) < 8 || len(a.salt) > 64:
		return nil, errors.New("salt of argon2id: want 8 to 64 octets in base64 without =")
	case errs[1] != nil || len(a.sum) < 16 || len(a.sum) > 64:
		return nil, errors.New("sum of argon2id: want 16 to 64 octets in base64 without =")
	}
	return a, nil
}
