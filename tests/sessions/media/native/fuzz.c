/* Attacks on the media plane's C, without Python and without keys: run by test_native.py.
 *
 *     fuzz MODE SEED COUNT
 *
 * orderly: valid packets in order; what leaves is checked one by one.
 * rough: several peers; hostile packets between calls of every kind, all in random order.
 * crowd: the same calls beside the plane's own thread and a thread that sends to it.
 *
 * The same seed does the same again (but for the threads of `crowd`). */
#include "fuzz.h"

int main(int count, char **words) {
    static const struct {
        const char *name;
        void (*run)(dice *, int);
    } modes[] = {{"orderly", orderly}, {"rough", rough}, {"crowd", crowd}};
    if (count == 4) {
        dice d = {strtoull(words[2], NULL, 10) * 2654435769u + 1};
        for (int i = 0; i < 3; i++)
            if (!strcmp(words[1], modes[i].name)) {
                modes[i].run(&d, atoi(words[3]));
                return 0;
            }
    }
    fprintf(stderr, "fuzz orderly|rough|crowd SEED COUNT\n");
    return 2;
}
