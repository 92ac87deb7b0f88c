def count_words(text):
    copies = []
    while True:
        copies.append(bytearray(16 << 20))
