package org.deuterium.history.graph;

import java.util.Arrays;

/** States to be visited with their distances, to be taken from the front, and put at either end. */
final class StateDeque {

    private int[] states = new int[16];
    private int[] distances = new int[16];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int first() {
        return states[head];
    }

    int firstDistance() {
        return distances[head];
    }

    void removeFirst() {
        head = (head + 1) & (states.length - 1);
        size--;
    }

    void addFirst(int state, int distance) {
        growIfFull();
        head = (head - 1) & (states.length - 1);
        put(head, state, distance);
    }

    void addLast(int state, int distance) {
        growIfFull();
        put((head + size) & (states.length - 1), state, distance);
    }

    private void put(int place, int state, int distance) {
        states[place] = state;
        distances[place] = distance;
        size++;
    }

    private void growIfFull() {
        if (size < states.length) {
            return;
        }
        int[] moreStates = Arrays.copyOf(states, size * 2);
        int[] moreDistances = Arrays.copyOf(distances, size * 2);
        for (int place = 0; place < size; place++) {
            moreStates[place] = states[(head + place) & (size - 1)];
            moreDistances[place] = distances[(head + place) & (size - 1)];
        }
        states = moreStates;
        distances = moreDistances;
        head = 0;
    }
}
