// Package heap is a binary heap for k-way merges: its least item is read,
// moved on and put back into order in place.
package heap

// A Heap keeps its least item in Items[0]. It is not safe for concurrent use.
type Heap[T any] struct {
	Items []T
	Less  func(a, b T) bool
}

// Push adds an item.
func (h *Heap[T]) Push(v T) {
	h.Items = append(h.Items, v)
	for i := len(h.Items) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.Less(h.Items[i], h.Items[parent]) {
			return
		}
		h.Items[i], h.Items[parent] = h.Items[parent], h.Items[i]
		i = parent
	}
}

// Init brings Items, filled in any order, into that of a heap.
func (h *Heap[T]) Init() {
	for i := len(h.Items)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// Fix restores order after the least item has changed.
func (h *Heap[T]) Fix() { h.down(0) }

func (h *Heap[T]) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h.Items); c++ {
			if h.Less(h.Items[c], h.Items[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		h.Items[i], h.Items[least] = h.Items[least], h.Items[i]
		i = least
	}
}

// Pop drops the least item.
func (h *Heap[T]) Pop() {
	last := len(h.Items) - 1
	h.Items[0] = h.Items[last]
	h.Items = h.Items[:last]
	h.Fix()
}
