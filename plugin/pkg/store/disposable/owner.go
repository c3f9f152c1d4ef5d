package disposable

import "bytes"

// wildcardLabel takes the place of labels that collapse, in wire form; shortLabel
// does where no name has room for that.
const (
	wildcardLabel = "\x0a_wildcard_"
	shortLabel    = "\x01*"
)

// maxName is how long a name may be (RFC 1035 2.3.4).
const maxName = 255

// AppendOwner appends the owner of the names that collapse below an ancestor.
func AppendOwner(dst, ancestor []byte) []byte {
	label := wildcardLabel
	if len(ancestor)+len(label) > maxName {
		label = shortLabel
	}
	return append(append(dst, label...), ancestor...)
}

// IsOwner reports whether an owner stands for names that collapsed.
func IsOwner(name []byte) bool {
	return bytes.HasPrefix(name, []byte(wildcardLabel)) || bytes.HasPrefix(name, []byte(shortLabel))
}
