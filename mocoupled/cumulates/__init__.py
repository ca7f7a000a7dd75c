"""The crystals of a magma ocean: their growth, remelting and the buffering of the melt above them."""
